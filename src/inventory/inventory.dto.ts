import { z } from 'zod';
import { plainText } from '../platform/http/plain-text.js';
import { MAX_ON_HAND } from './adjustments.repository.js';
import type { Adjustment, VariantReference } from './stock-administration.service.js';
import type { Inspection } from './stock-inspection.service.js';

const either = { variantId: z.uuid().optional(), sku: plainText(1, 255).optional() };
const isEither = ({ variantId, sku }: { variantId?: string | undefined; sku?: string | undefined }) =>
  (variantId === undefined) !== (sku === undefined);
const notEither = { path: ['variantId'], message: 'give either variantId or sku' };

export const inventoryQuery = z.strictObject(either).refine(isEither, notEither);

export const adjustmentRequest = z
  .strictObject({
    ...either,
    location: plainText(1, 63).optional().describe('Id or code; the default location when absent.'),
    delta: z.int().min(-MAX_ON_HAND).max(MAX_ON_HAND).optional().describe('Units that came (+) or went (−).'),
    onHand: z.int().min(0).max(MAX_ON_HAND).optional().describe('Units that were counted.'),
    reason: plainText(1, 200).describe('Why, for the ledger.'),
    expectedVersion: z
      .int()
      .min(1)
      .optional()
      .describe('The version that was read: refused with `version_conflict` when the level has another one by now.'),
  })
  .refine(isEither, notEither)
  .refine(({ delta, onHand }) => (delta === undefined) !== (onHand === undefined), {
    path: ['delta'],
    message: 'give either delta or onHand',
  })
  .refine(({ delta }) => delta !== 0, { path: ['delta'], message: 'must not be 0' })
  .meta({ id: 'StockAdjustmentRequest' });

export const adjustedLevel = z
  .object({
    variantId: z.string(),
    locationId: z.string(),
    before: z.int(),
    onHand: z.int(),
    backordered: z.int().describe('Units still owed to orders; what came in has served them first.'),
    version: z.int(),
  })
  .meta({ id: 'AdjustedStockLevel' });

const policy = z.enum(['deny', 'backorder']);

export const inspection = z
  .object({
    variantId: z.string(),
    sku: z.string().nullable(),
    locationId: z.string(),
    postgres: z
      .object({
        onHand: z.int().describe('Units that are there and promised to no order.'),
        version: z.int(),
        policy,
        tracked: z.boolean(),
        updatedAt: z.iso.datetime(),
      })
      .describe('What is true.'),
    redis: z
      .object({
        epoch: z.int(),
        version: z.int(),
        onHand: z.int(),
        held: z.int(),
        available: z.int(),
        policy,
        tracked: z.boolean(),
      })
      .nullable()
      .describe('What shoppers are told from; null when it is not loaded or Redis cannot be reached.'),
    redisReachable: z.boolean(),
    holds: z.object({
      count: z.int(),
      quantity: z.int(),
      items: z
        .array(z.object({ holdId: z.string(), quantity: z.int(), expiresAt: z.iso.datetime() }))
        .describe('The 50 that end first.'),
    }),
    movements: z
      .array(
        z.object({
          kind: z.enum(['receipt', 'allocation', 'cancellation', 'correction']),
          quantity: z.int(),
          backordered: z.int(),
          orderId: z.string().nullable(),
          reason: z.string().nullable(),
          levelVersion: z.int(),
          createdAt: z.iso.datetime(),
        }),
      )
      .describe('The newest 20 of the ledger.'),
  })
  .meta({ id: 'StockInspection' });

const numbers = z.object({ onHand: z.int(), version: z.int() });

export const reconciliationReport = z
  .object({
    checked: z.int().describe('Levels in PostgreSQL.'),
    notLoaded: z.int().describe('How many of them Redis does not have now; they are loaded when asked for.'),
    differing: z.int().describe('How many differed; each was repaired.'),
    differences: z
      .array(
        z.object({
          variantId: z.string(),
          locationId: z.string(),
          kind: z
            .enum(['behind', 'wrong'])
            .describe('behind: a change had not arrived yet. wrong: something that PostgreSQL never said.'),
          postgres: numbers,
          redis: numbers,
        }),
      )
      .describe('The first 1,000.'),
    epochRaised: z
      .boolean()
      .describe('Whether everything in Redis was made void, because a store had something wrong.'),
  })
  .meta({ id: 'ReconciliationReport' });

export type InventoryQuery = z.infer<typeof inventoryQuery>;
export type AdjustmentRequest = z.infer<typeof adjustmentRequest>;
export type InspectionAnswer = z.infer<typeof inspection>;

/** The inspection as it is answered: times as text, the policy in words. */
export function toInspectionAnswer({ postgres, redis, holds, movements, ...rest }: Inspection): InspectionAnswer {
  const { onHand, version, policy, tracked } = postgres;
  return {
    ...rest,
    postgres: { onHand, version, policy, tracked, updatedAt: postgres.updatedAt.toISOString() },
    redis: redis && {
      epoch: redis.epoch,
      version: redis.version,
      onHand: redis.onHand,
      held: redis.held,
      available: Math.max(0, redis.onHand - redis.held),
      policy: redis.policy === 'b' ? 'backorder' : 'deny',
      tracked: redis.policy !== 'u',
    },
    holds: {
      ...holds,
      items: holds.items.map(({ expiresAtMs, ...hold }) => ({
        ...hold,
        expiresAt: new Date(expiresAtMs).toISOString(),
      })),
    },
    movements: movements.map(({ kind, quantity, backordered, orderId, reason, levelVersion, createdAt }) => ({
      kind,
      quantity,
      backordered,
      orderId,
      reason,
      levelVersion,
      createdAt: createdAt.toISOString(),
    })),
  };
}

/** The schema lets exactly one of the two pass. */
export function toVariantReference({ variantId, sku }: InventoryQuery): VariantReference {
  return sku === undefined ? { variantId: variantId ?? '' } : { sku };
}

export function toAdjustment({
  location,
  delta,
  onHand,
  reason,
  expectedVersion,
  ...variant
}: AdjustmentRequest): Adjustment {
  return {
    variant: toVariantReference(variant),
    location,
    change: onHand === undefined ? { delta: delta ?? 0 } : { onHand },
    reason,
    expectedVersion,
  };
}

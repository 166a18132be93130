import { z } from 'zod';
import { plainText } from '../../platform/http/plain-text.js';
import { MAX_ON_HAND } from './adjustments.repository.js';
import { MAX_ADJUSTMENTS } from './bulk-adjustment.service.js';
import {
  expectedVersion,
  isEither,
  isObject,
  location,
  notEither,
  optionalLocation,
  toVariantReference,
  variantReference,
} from './level-reference.dto.js';
import type { SettingsChange } from './level-settings.service.js';
import type { Adjustment, Transfer } from './stock-administration.service.js';

const reason = plainText(1, 200).describe('Why, for the ledger.');
const units = z.int().min(0).max(MAX_ON_HAND);

export const adjustmentRequest = z
  .strictObject({
    ...variantReference,
    location: optionalLocation,
    delta: z.int().min(-MAX_ON_HAND).max(MAX_ON_HAND).optional().describe('Units that came (+) or went (−).'),
    onHand: units.optional().describe('Units that were counted.'),
    reason,
    expectedVersion,
  })
  .refine(isEither, notEither)
  .refine(({ delta, onHand }) => (delta === undefined) !== (onHand === undefined), {
    path: ['delta'],
    message: 'give either delta or onHand',
    when: isObject,
  })
  .refine(({ delta }) => delta !== 0, { path: ['delta'], message: 'must not be 0' })
  .meta({ id: 'StockAdjustmentRequest' });

export const bulkAdjustmentRequest = z
  .strictObject({
    adjustments: z.array(adjustmentRequest).min(1).max(MAX_ADJUSTMENTS).describe('Made one after the other.'),
    allOrNone: z
      .boolean()
      .default(true)
      .describe('Whether one that is refused refuses all of them. Otherwise the others are made.'),
  })
  .meta({ id: 'BulkStockAdjustmentRequest' });

export const transferRequest = z
  .strictObject({ ...variantReference, from: location, to: location, quantity: units.min(1), reason })
  .refine(isEither, notEither)
  .meta({ id: 'StockTransferRequest' });

export const settingsRequest = z
  .strictObject({
    ...variantReference,
    location: optionalLocation,
    policy: z.enum(['deny', 'backorder']).optional().describe('What happens to an order for more than there is.'),
    tracked: z.boolean().optional().describe('Whether units are counted at all.'),
    safetyStock: units.optional().describe('Units that orders leave on the shelf.'),
    backorderLimit: units.nullable().optional().describe('Most units that may be owed; null for no limit.'),
    lowStockThreshold: units.nullable().optional().describe("Where low stock begins; null for the shop's setting."),
    expectedVersion,
  })
  .refine(isEither, notEither)
  .refine(
    ({ variantId: _v, sku: _s, location: _l, expectedVersion: _e, ...change }) => Object.keys(change).length > 0,
    {
      message: 'must change something: policy, tracked, safetyStock, backorderLimit or lowStockThreshold',
    },
  )
  .meta({ id: 'StockSettingsRequest' });

const place = { variantId: z.string(), locationId: z.string() };

export const adjustedLevel = z
  .object({
    ...place,
    before: z.int(),
    onHand: z.int(),
    backordered: z.int().describe('Units still owed to orders; what came in has served them first.'),
    version: z.int(),
  })
  .meta({ id: 'AdjustedStockLevel' });

export const bulkAdjustmentAnswer = z
  .object({
    results: z
      .array(
        z.discriminatedUnion('status', [
          z.object({ status: z.literal('adjusted'), ...adjustedLevel.shape }),
          z.object({ status: z.literal('refused'), code: z.string(), text: z.string() }),
        ]),
      )
      .describe('In the order of the request.'),
  })
  .meta({ id: 'BulkStockAdjustment' });

export const transferAnswer = z.object({ from: adjustedLevel, to: adjustedLevel }).meta({ id: 'StockTransfer' });

export const settingsAnswer = z.object({ ...place, version: z.int() }).meta({ id: 'StockSettings' });

export type AdjustmentRequest = z.infer<typeof adjustmentRequest>;
export type BulkAdjustmentRequest = z.infer<typeof bulkAdjustmentRequest>;
export type TransferRequest = z.infer<typeof transferRequest>;
export type SettingsRequest = z.infer<typeof settingsRequest>;

export function toAdjustment({ delta, onHand, variantId, sku, ...rest }: AdjustmentRequest): Adjustment {
  const change = onHand === undefined ? { delta: delta ?? 0 } : { onHand };
  return { variant: toVariantReference({ variantId, sku }), change, ...rest };
}

export function toTransfer({ variantId, sku, ...rest }: TransferRequest): Transfer {
  return { variant: toVariantReference({ variantId, sku }), ...rest };
}

export function toSettingsChange(request: SettingsRequest): SettingsChange {
  const { variantId, sku, location: at, expectedVersion: expected, ...settings } = request;
  return { variant: toVariantReference({ variantId, sku }), location: at, expectedVersion: expected, settings };
}

import { z } from 'zod';
import { unitsLeft } from '../levels/availability.policy.js';
import { locationAnswer } from '../locations/locations.dto.js';
import { isEither, notEither, variantReference } from './level-reference.dto.js';
import { movement, toMovementAnswer } from './movements.dto.js';
import type { InspectedLevel, Inspection } from './stock-inspection.service.js';

export const inventoryQuery = z.strictObject(variantReference).refine(isEither, notEither);

const policy = z.enum(['deny', 'backorder']);

const levelInPostgres = z
  .object({
    onHand: z.int().describe('Units that are there and promised to no order.'),
    backordered: z.int().describe('Units owed to orders.'),
    version: z.int(),
    policy,
    tracked: z.boolean(),
    safetyStock: z.int(),
    backorderLimit: z.int().nullable(),
    lowStockThreshold: z.int().nullable(),
    holdLimit: z.int().nullable().describe('The most that may be held in total; null when nothing limits it.'),
    updatedAt: z.iso.datetime(),
  })
  .describe('What is true.');

const levelInRedis = z
  .object({
    epoch: z.int(),
    version: z.int(),
    onHand: z.int(),
    held: z.int(),
    available: z.int().describe('Without what is held and the safety stock.'),
    policy,
    tracked: z.boolean(),
  })
  .nullable()
  .describe('What shoppers are told from; null when it is not loaded or Redis cannot be reached.');

const liveHolds = z.object({
  count: z.int(),
  quantity: z.int(),
  items: z
    .array(z.object({ holdId: z.string(), quantity: z.int(), expiresAt: z.iso.datetime() }))
    .describe('The 50 that end first.'),
});

export const inspection = z
  .object({
    variantId: z.string(),
    sku: z.string().nullable(),
    locationId: z.string().describe('The default location, whose level is shown here beside all of them below.'),
    postgres: levelInPostgres,
    redis: levelInRedis,
    redisReachable: z.boolean(),
    holds: liveHolds,
    movements: z.array(movement).describe('The newest 20 of the ledger of the default location.'),
    totals: z.object({
      onHand: z.int(),
      backordered: z.int(),
      held: z.int().describe('Units in live holds, as far as Redis can be reached.'),
    }),
    levels: z
      .array(z.object({ location: locationAnswer, postgres: levelInPostgres, redis: levelInRedis, holds: liveHolds }))
      .describe('At every location, those that stock is taken from first at the front.'),
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
    holds: z.object({
      lines: z.int().describe('Lines of live holds in Redis.'),
      units: z.int().describe('Units in them.'),
      differing: z.int().describe('How many differences were found.'),
      differences: z
        .array(
          z.discriminatedUnion('kind', [
            z
              .object({
                kind: z.literal('sum'),
                variantId: z.string(),
                locationId: z.string(),
                held: z.int(),
                sum: z.int(),
              })
              .describe('What a level said was held was not the sum of its holds; corrected.'),
            z
              .object({ kind: z.literal('ended'), holdId: z.string() })
              .describe('A hold whose checkout has ended; given back.'),
            z
              .object({ kind: z.literal('waiting'), holdId: z.string() })
              .describe('A hold of a time without Redis that could not be handed over to it.'),
          ]),
        )
        .describe('The first 1,000.'),
    }),
  })
  .meta({ id: 'ReconciliationReport' });

export type InventoryQuery = z.infer<typeof inventoryQuery>;
export type InspectionAnswer = z.infer<typeof inspection>;

/** The inspection as it is answered: times as text, the policy in words. */
export function toInspectionAnswer(given: Inspection): InspectionAnswer {
  const { variantId, sku, levels, main, movements, redisReachable } = given;
  const sumOf = (units: (level: InspectedLevel) => number) => levels.reduce((sum, level) => sum + units(level), 0);
  return {
    variantId,
    sku,
    locationId: main.location.id,
    ...toLevelAnswer(main),
    redisReachable,
    movements: movements.map(toMovementAnswer),
    totals: {
      onHand: sumOf(({ postgres }) => postgres.onHand),
      backordered: sumOf(({ postgres }) => postgres.backordered),
      held: sumOf(({ holds }) => holds.quantity),
    },
    levels: levels.map((level) => ({ location: level.location, ...toLevelAnswer(level) })),
  };
}

function toLevelAnswer({ postgres, redis, holds }: InspectedLevel) {
  const { variantId: _variant, locationId: _location, sku: _sku, sellable: _sellable, updatedAt, ...level } = postgres;
  const holdLimit = typeof redis?.limit === 'number' ? redis.limit : null;
  return {
    postgres: { ...level, updatedAt: updatedAt.toISOString() },
    redis: redis && {
      epoch: redis.epoch,
      version: redis.version,
      onHand: redis.onHand,
      held: redis.held,
      available: Math.max(0, unitsLeft({ ...redis, holdLimit })),
      policy: redis.policy === 'b' ? ('backorder' as const) : ('deny' as const),
      tracked: redis.policy !== 'u',
    },
    holds: {
      ...holds,
      items: holds.items.map(({ expiresAtMs, ...hold }) => ({
        ...hold,
        expiresAt: new Date(expiresAtMs).toISOString(),
      })),
    },
  };
}

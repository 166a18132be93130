// Changes levels by hand.
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../platform/config.js';
import type { Tx } from '../../platform/database/database.js';
import { Statement } from '../../platform/database/statement.js';
import type { Place } from '../holds/level-in-redis.js';
import { type ChangedLevelRow, tellCrossings } from '../levels/stock-crossings.js';

/** Far beyond any shop, and far enough below the limit of the column that no sum can reach it. */
export const MAX_ON_HAND = 1_000_000_000;

// A level at a new location sells by the rules that the variant has elsewhere. Only the default location has its SKU.
const createMissing = new Statement<{ created: number }>(
  'inventory_create_missing',
  `WITH created AS (
     INSERT INTO inventory_levels (variant_id, location_id, on_hand, policy, tracked)
     SELECT DISTINCT ON (g.variant_id, g.location_id) g.variant_id, g.location_id, 0, l.policy, l.tracked
     FROM unnest($1::uuid[], $2::uuid[]) AS g (variant_id, location_id) JOIN inventory_levels l USING (variant_id)
     WHERE NOT EXISTS (SELECT FROM inventory_levels k WHERE (k.variant_id, k.location_id) = (g.variant_id, g.location_id))
     ORDER BY g.variant_id, g.location_id, l.location_id
     ON CONFLICT DO NOTHING
     RETURNING 1
   )
   SELECT count(*)::int AS created FROM created`,
);

const lockAll = new Statement<{ locked: number }>(
  'inventory_lock_levels',
  `SELECT count(*)::int AS locked FROM (
     SELECT FROM inventory_levels
     WHERE (variant_id, location_id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))
     ORDER BY variant_id, location_id FOR UPDATE) l`,
);

interface AdjustedRow extends ChangedLevelRow {
  before: number;
  on_hand: number;
  backordered: number;
  out_of_bounds: boolean;
  other_version: boolean;
  changed: boolean;
}

// What comes in serves the units that are owed, and the rest is on hand.
const adjustLevel = new Statement<AdjustedRow>(
  'inventory_adjust',
  `WITH target AS MATERIALIZED (
     SELECT *, greatest(0, least(wanted - on_hand, backordered)) AS served FROM (
       SELECT *, coalesce($3::bigint, on_hand + $4::bigint) AS wanted, coalesce(version <> $7::bigint, false) AS other_version
       FROM inventory_levels WHERE variant_id = $1 AND location_id = $2 FOR UPDATE
     ) l
   ), changed AS (
     UPDATE inventory_levels l
     SET on_hand = t.wanted - t.served, backordered = t.backordered - t.served, version = l.version + 1, updated_at = now()
     FROM target t
     WHERE l.variant_id = t.variant_id AND l.location_id = t.location_id
       AND t.wanted BETWEEN 0 AND ${MAX_ON_HAND} AND t.wanted <> t.on_hand AND NOT t.other_version
     RETURNING l.*
   ), logged AS (
     INSERT INTO stock_movements (variant_id, location_id, kind, quantity, backordered, reason, level_version)
     SELECT variant_id, location_id, $5, c.on_hand - t.on_hand, -t.served, $6, c.version
     FROM target t JOIN changed c USING (variant_id, location_id)
   )
   SELECT l.variant_id, l.location_id, l.version, l.on_hand, l.backordered, l.sellable, l.low_stock_threshold,
     t.on_hand AS before, t.sellable AS sellable_before, t.wanted NOT BETWEEN 0 AND ${MAX_ON_HAND} AS out_of_bounds,
     t.other_version, l.version <> t.version AS changed
   FROM target t JOIN (
     SELECT variant_id, location_id, version, on_hand, backordered, sellable, low_stock_threshold FROM changed
     UNION ALL
     SELECT variant_id, location_id, version, on_hand, backordered, sellable, low_stock_threshold FROM target
     WHERE NOT EXISTS (SELECT FROM changed)
   ) l ON true`,
);

/** Either the number of units that are there, or the difference. */
export type StockChange = { readonly onHand: number } | { readonly delta: number };

export interface LevelAdjustment {
  readonly place: Place;
  readonly change: StockChange;
  /** More units are a receipt when given as a difference; everything else is a correction. */
  readonly kind: 'receipt' | 'correction' | 'transfer';
  /** Why, for the ledger. */
  readonly reason: string;
  readonly expectedVersion?: number | undefined;
}

export type AdjustResult =
  | {
      readonly kind: 'adjusted';
      readonly before: number;
      readonly onHand: number;
      /** Units still owed: what came in has served them first. */
      readonly backordered: number;
      readonly version: number;
      /** False when there was nothing to change. */
      readonly changed: boolean;
    }
  | { readonly kind: 'other_version'; readonly version: number }
  | { readonly kind: 'out_of_bounds'; readonly before: number }
  | { readonly kind: 'missing' };

@Injectable()
export class AdjustmentsRepository {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** Locks the levels in the order that all writers use; creates a missing one if the variant has a level elsewhere. */
  async lock(tx: Tx, places: readonly Place[]): Promise<void> {
    const keys = [places.map((place) => place.variantId), places.map((place) => place.locationId)];
    await createMissing.rows(tx, keys);
    await lockAll.rows(tx, keys);
  }

  async adjust(tx: Tx, { place, change, kind, reason, expectedVersion }: LevelAdjustment): Promise<AdjustResult> {
    const [onHand, delta] = 'onHand' in change ? [change.onHand, null] : [null, change.delta];
    const [row] = await adjustLevel.rows(tx, [
      place.variantId,
      place.locationId,
      onHand,
      delta,
      kind,
      reason,
      expectedVersion ?? null,
    ]);
    if (!row) return { kind: 'missing' };
    const version = Number(row.version);
    if (row.other_version) return { kind: 'other_version', version };
    if (row.out_of_bounds) return { kind: 'out_of_bounds', before: row.before };
    await tellCrossings(tx, [row], this.config.LOW_STOCK_THRESHOLD);
    const { before, on_hand, backordered, changed } = row;
    return { kind: 'adjusted', before, onHand: on_hand, backordered, version, changed };
  }
}

// Changes one level by hand.
import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import { Statement } from '../platform/database/statement.js';

/** Far beyond any shop, and far enough below the limit of the column that no sum can reach it. */
export const MAX_ON_HAND = 1_000_000_000;

interface AdjustedRow {
  before: number;
  on_hand: number;
  backordered: number;
  version: string;
  out_of_bounds: boolean;
  other_version: boolean;
  changed: boolean;
}

const adjustLevel = new Statement<AdjustedRow>(
  'inventory_adjust',
  `WITH locked AS MATERIALIZED (
     SELECT variant_id, location_id, on_hand, backordered, version, coalesce($3::bigint, on_hand + $4::bigint) AS wanted,
       coalesce(version <> $6::bigint, false) AS other_version
     FROM inventory_levels WHERE variant_id = $1 AND location_id = $2 FOR UPDATE
   ), target AS MATERIALIZED (
     SELECT *, greatest(0, least(wanted - on_hand, backordered)) AS served FROM locked
   ), changed AS (
     UPDATE inventory_levels l
     SET on_hand = k.wanted - k.served, backordered = k.backordered - k.served, version = l.version + 1, updated_at = now()
     FROM target k
     WHERE l.variant_id = k.variant_id AND l.location_id = k.location_id
       AND k.wanted BETWEEN 0 AND ${MAX_ON_HAND} AND k.wanted <> k.on_hand AND NOT k.other_version
     RETURNING l.on_hand, l.backordered, l.version, k.served
   ), logged AS (
     INSERT INTO stock_movements (variant_id, location_id, kind, quantity, backordered, reason, level_version)
     SELECT k.variant_id, k.location_id, CASE WHEN $4::bigint > 0 THEN 'receipt' ELSE 'correction' END,
       c.on_hand - k.on_hand, -c.served, $5, c.version
     FROM locked k, changed c
   )
   SELECT k.on_hand AS before, coalesce(c.on_hand, k.on_hand) AS on_hand, coalesce(c.backordered, k.backordered) AS backordered,
     coalesce(c.version, k.version) AS version, k.wanted NOT BETWEEN 0 AND ${MAX_ON_HAND} AS out_of_bounds,
     k.other_version, c.version IS NOT NULL AS changed
   FROM locked k LEFT JOIN changed c ON true`,
);

/** Either the number of units that are there, or the difference. */
export type StockChange = { readonly onHand: number } | { readonly delta: number };

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
  /** More units are a receipt when given as a difference; everything else is a correction. */
  async adjust(
    tx: Tx,
    place: { readonly variantId: string; readonly locationId: string },
    change: StockChange,
    reason: string,
    expectedVersion?: number,
  ): Promise<AdjustResult> {
    const [onHand, delta] = 'onHand' in change ? [change.onHand, null] : [null, change.delta];
    const [row] = await adjustLevel.rows(tx, [
      place.variantId,
      place.locationId,
      onHand,
      delta,
      reason,
      expectedVersion ?? null,
    ]);
    if (!row) return { kind: 'missing' };
    const { before, backordered, changed } = row;
    const version = Number(row.version);
    if (row.other_version) return { kind: 'other_version', version };
    if (row.out_of_bounds) return { kind: 'out_of_bounds', before };
    return { kind: 'adjusted', before, onHand: row.on_hand, backordered, version, changed };
  }
}

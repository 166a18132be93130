// Changes one level by hand.
import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import { Statement } from '../platform/database/statement.js';

/** Far beyond any shop, and far enough below the limit of the column that no sum can reach it. */
export const MAX_ON_HAND = 1_000_000_000;

interface AdjustedRow {
  before: number;
  wanted: string;
  /** Null when the wanted quantity is out of bounds and nothing was written. */
  version: string | null;
}

const adjustLevel = new Statement<AdjustedRow>(
  'inventory_adjust',
  `WITH locked AS MATERIALIZED (
     SELECT variant_id, location_id, on_hand, version, coalesce($3::bigint, on_hand + $4::bigint) AS wanted
     FROM inventory_levels WHERE variant_id = $1 AND location_id = $2 FOR UPDATE
   ), changed AS (
     UPDATE inventory_levels l SET on_hand = k.wanted, version = l.version + 1, updated_at = now()
     FROM locked k
     WHERE l.variant_id = k.variant_id AND l.location_id = k.location_id
       AND k.wanted BETWEEN 0 AND ${MAX_ON_HAND} AND k.wanted <> k.on_hand
     RETURNING l.version
   ), logged AS (
     INSERT INTO stock_movements (variant_id, location_id, kind, quantity, reason, level_version)
     SELECT k.variant_id, k.location_id, CASE WHEN $4::bigint > 0 THEN 'receipt' ELSE 'correction' END,
       k.wanted - k.on_hand, $5, c.version
     FROM locked k, changed c
   )
   SELECT k.on_hand AS before, k.wanted,
     CASE WHEN k.wanted BETWEEN 0 AND ${MAX_ON_HAND} THEN coalesce(c.version, k.version) END AS version
   FROM locked k LEFT JOIN changed c ON true`,
);

/** Either the number of units that are there, or the difference. */
export type StockChange = { readonly onHand: number } | { readonly delta: number };

export type AdjustResult =
  /** `before` and `onHand` are equal when there was nothing to change. */
  | { readonly kind: 'adjusted'; readonly before: number; readonly onHand: number; readonly version: number }
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
  ): Promise<AdjustResult> {
    const [onHand, delta] = 'onHand' in change ? [change.onHand, null] : [null, change.delta];
    const [row] = await adjustLevel.rows(tx, [place.variantId, place.locationId, onHand, delta, reason]);
    if (!row) return { kind: 'missing' };
    if (row.version === null) return { kind: 'out_of_bounds', before: row.before };
    return { kind: 'adjusted', before: row.before, onHand: Number(row.wanted), version: Number(row.version) };
  }
}

// Takes stock for an order. All writers of stock lock levels in the order of their keys, so that no two transactions wait
// for each other.
import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import { Statement } from '../platform/database/statement.js';
import { DEFAULT_PARTITION } from '../platform/keyspace.js';
import type { HoldLine } from './hold-lines.js';
import { DEFAULT_LOCATION_ID } from './locations.js';
import type { StockLevel, StockPolicy } from './stock-level.js';
import type { AllocateResult } from './stock-outcomes.js';

interface AllocatedRow {
  variant_id: string;
  requested: number;
  available: number;
  short: boolean;
  location_id: string | null;
  on_hand: number;
  version: string;
  policy: StockPolicy;
  hold_limit: number | null;
  epoch: string;
}

// A lock that had to wait sees the row as it is then, so `locked` has the true quantities and the update works on the
// same row version. Orders leave the safety stock; a backorder takes what is there above it and owes the rest.
const allocateAll = new Statement<AllocatedRow>(
  'inventory_allocate',
  `WITH wanted AS (
     SELECT * FROM unnest($1::uuid[], $2::int[]) AS w (variant_id, quantity)
   ), locked AS MATERIALIZED (
     SELECT l.variant_id, l.location_id, l.tracked, l.hold_limit, w.quantity,
       least(greatest(0, l.on_hand - l.safety_stock), w.quantity) AS taken
     FROM wanted w JOIN inventory_levels l ON l.variant_id = w.variant_id AND l.location_id = $3
     ORDER BY l.variant_id FOR UPDATE OF l
   ), short AS MATERIALIZED (
     SELECT w.variant_id FROM wanted w LEFT JOIN locked k ON k.variant_id = w.variant_id
     WHERE k.variant_id IS NULL OR k.hold_limit < w.quantity
   ), changed AS (
     UPDATE inventory_levels l
     SET on_hand = l.on_hand - k.taken, backordered = l.backordered + k.quantity - k.taken, version = l.version + 1,
       updated_at = now()
     FROM locked k
     WHERE l.variant_id = k.variant_id AND l.location_id = k.location_id AND k.tracked AND NOT EXISTS (SELECT FROM short)
     RETURNING l.variant_id, l.location_id, l.on_hand, l.version, l.policy, l.hold_limit, k.taken, k.quantity
   ), logged AS (
     INSERT INTO stock_movements (variant_id, location_id, kind, quantity, backordered, order_id, level_version)
     SELECT variant_id, location_id, 'allocation', -taken, quantity - taken, $4::uuid, version FROM changed
   )
   SELECT w.variant_id, w.quantity AS requested, coalesce(k.hold_limit, 0) AS available, s.variant_id IS NOT NULL AS short,
     c.location_id, c.on_hand, c.version, c.policy, c.hold_limit, e.epoch
   FROM wanted w
   LEFT JOIN locked k ON k.variant_id = w.variant_id
   LEFT JOIN short s ON s.variant_id = w.variant_id
   LEFT JOIN changed c ON c.variant_id = w.variant_id
   CROSS JOIN (SELECT epoch FROM inventory_epochs WHERE partition = '${DEFAULT_PARTITION}') e
   ORDER BY w.variant_id`,
);

@Injectable()
export class AllocationsRepository {
  /** All lines or none, in the caller's transaction. @param lines each variant once */
  async allocate(tx: Tx, orderId: string, lines: readonly HoldLine[]): Promise<AllocateResult> {
    const rows = await allocateAll.rows(tx, [
      lines.map((line) => line.variantId),
      lines.map((line) => line.quantity),
      DEFAULT_LOCATION_ID,
      orderId,
    ]);
    const short = rows.filter((row) => row.short);
    if (short.length > 0) {
      return {
        kind: 'short',
        lines: short.map(({ variant_id: variantId, requested, available }) => ({ variantId, requested, available })),
      };
    }
    return { kind: 'allocated', levels: rows.flatMap(toLevel) };
  }
}

/** An untracked variant has changed nothing. */
function toLevel(row: AllocatedRow): StockLevel[] {
  if (row.location_id === null) return [];
  return [
    {
      variantId: row.variant_id,
      locationId: row.location_id,
      onHand: row.on_hand,
      version: Number(row.version),
      epoch: Number(row.epoch),
      policy: row.policy,
      tracked: true,
      holdLimit: row.hold_limit,
    },
  ];
}

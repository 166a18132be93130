// Takes stock for an order, and gives it back. All writers of stock lock levels in the order of their keys, so that no two transactions wait
// for each other.
import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import { Statement } from '../platform/database/statement.js';
import { DEFAULT_PARTITION } from '../platform/keyspace.js';
import type { HoldLine, StockLine } from './hold-lines.js';
import { DEFAULT_LOCATION_ID } from './locations.js';
import type { StockLevel, StockPolicy } from './stock-level.js';
import type { AllocateResult, RestockedLine } from './stock-outcomes.js';

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

interface RestockedRow {
  variant_id: string;
  location_id: string;
  units: number;
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

const lockLevelsOfOrder = new Statement<{ locked: number }>(
  'inventory_lock_order',
  `SELECT count(*)::int AS locked FROM (
     SELECT FROM inventory_levels l JOIN stock_movements m USING (variant_id, location_id)
     WHERE m.order_id = $1 AND m.kind = 'allocation' ORDER BY l.variant_id, l.location_id FOR UPDATE OF l) l`,
);

// What an order took of a level and what it gave back both are `quantity - backordered` of its movements there. Of a part,
// the levels that owed most take back first: always in the same order, so that each part continues the one before.
const restockOrder = new Statement<RestockedRow>(
  'inventory_restock',
  `WITH took AS (
     SELECT variant_id, location_id, backordered - quantity AS units,
       coalesce(sum(backordered - quantity) OVER (PARTITION BY variant_id ORDER BY backordered DESC, location_id
         ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
     FROM stock_movements WHERE order_id = $1 AND kind = 'allocation'
   ), gave AS (
     SELECT variant_id, location_id, sum(quantity - backordered) AS units
     FROM stock_movements WHERE order_id = $1 AND kind = 'cancellation' GROUP BY variant_id, location_id
   ), wanted AS (
     SELECT * FROM unnest($2::uuid[], $3::int[]) AS w (variant_id, quantity)
   ), due AS MATERIALIZED (
     SELECT t.variant_id, t.location_id, l.backordered,
       (CASE WHEN $2 IS NULL THEN t.units ELSE least(t.units, w.quantity - t.before) END - coalesce(g.units, 0))::int AS units
     FROM took t JOIN inventory_levels l USING (variant_id, location_id)
     LEFT JOIN gave g USING (variant_id, location_id) LEFT JOIN wanted w USING (variant_id)
   ), changed AS (
     UPDATE inventory_levels l
     SET on_hand = l.on_hand + d.units - least(d.units, d.backordered),
       backordered = d.backordered - least(d.units, d.backordered), version = l.version + 1, updated_at = now()
     FROM due d
     WHERE l.variant_id = d.variant_id AND l.location_id = d.location_id AND d.units > 0
     RETURNING l.variant_id, l.location_id, l.version, d.units, least(d.units, d.backordered) AS served
   ), logged AS (
     INSERT INTO stock_movements (variant_id, location_id, kind, quantity, backordered, order_id, level_version)
     SELECT variant_id, location_id, 'cancellation', units - served, -served, $1::uuid, version FROM changed
   )
   SELECT variant_id, location_id, units FROM changed ORDER BY variant_id, location_id`,
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

  /** @param lines how many units of each variant the order has given back in the end; all it took when absent */
  async restock(tx: Tx, orderId: string, lines?: readonly StockLine[]): Promise<RestockedLine[]> {
    // First the locks, then what was given back before: a statement sees the ledger as it was when it began.
    await lockLevelsOfOrder.rows(tx, [orderId]);
    const rows = await restockOrder.rows(tx, [
      orderId,
      lines?.map((line) => line.variantId) ?? null,
      lines?.map((line) => line.quantity) ?? null,
    ]);
    return rows.map((row) => ({ variantId: row.variant_id, locationId: row.location_id, quantity: row.units }));
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

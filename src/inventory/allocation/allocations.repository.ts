// Takes stock for orders, and gives it back. All writers of stock lock levels in the order of their keys, so that no two
// transactions wait for each other.
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../platform/config.js';
import type { Tx } from '../../platform/database/database.js';
import { Statement } from '../../platform/database/statement.js';
import type { StockLine } from '../holds/hold-lines.js';
import type { AllocateResult, RestockedLine, ShortLine } from '../holds/stock-outcomes.js';
import { type ChangedLevelRow, tellCrossings } from '../levels/stock-crossings.js';
import type { StockLevel } from '../levels/stock-level.js';
import { InventoryMetrics } from '../metrics/inventory-metrics.js';
import { type AllocatedLevelRow, type AllocatedRow, allocateOrders } from './allocate-orders.statement.js';

/** What an order takes. */
export interface OrderDemand {
  readonly orderId: string;
  /** Each variant once. */
  readonly lines: readonly StockLine[];
}

interface RestockedRow extends ChangedLevelRow {
  units: number;
}

const lockLevelsOfOrder = new Statement<{ locked: number }>(
  'inventory_lock_order',
  `SELECT count(*)::int AS locked FROM (
     SELECT FROM inventory_levels l JOIN stock_movements m USING (variant_id, location_id)
     WHERE m.order_id = $1 AND m.kind = 'allocation' ORDER BY l.variant_id, l.location_id FOR UPDATE OF l) l`,
);

// What an order took of a level and what it gave back both are `quantity - backordered` of its movements there. Of a partial
// return, the levels that owed most take back first, always in one order: each return continues the one before.
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
     SELECT t.variant_id, t.location_id, l.backordered, l.sellable,
       (CASE WHEN $2 IS NULL THEN t.units ELSE least(t.units, w.quantity - t.before) END - coalesce(g.units, 0))::int AS units
     FROM took t JOIN inventory_levels l USING (variant_id, location_id)
     LEFT JOIN gave g USING (variant_id, location_id) LEFT JOIN wanted w USING (variant_id)
   ), changed AS (
     UPDATE inventory_levels l
     SET on_hand = l.on_hand + d.units - least(d.units, d.backordered),
       backordered = d.backordered - least(d.units, d.backordered), version = l.version + 1, updated_at = now()
     FROM due d
     WHERE l.variant_id = d.variant_id AND l.location_id = d.location_id AND d.units > 0
     RETURNING l.variant_id, l.location_id, l.version, l.sellable, l.low_stock_threshold, d.sellable AS sellable_before,
       d.units, least(d.units, d.backordered) AS served
   ), logged AS (
     INSERT INTO stock_movements (variant_id, location_id, kind, quantity, backordered, order_id, level_version)
     SELECT variant_id, location_id, 'cancellation', units - served, -served, $1::uuid, version FROM changed
   )
   SELECT variant_id, location_id, version, sellable, sellable_before, low_stock_threshold, units
   FROM changed ORDER BY variant_id, location_id`,
);

@Injectable()
export class AllocationsRepository {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(InventoryMetrics) private readonly metrics: InventoryMetrics,
  ) {}

  /** All lines of all orders or none, in the caller's transaction. */
  async allocate(tx: Tx, orders: readonly OrderDemand[]): Promise<AllocateResult> {
    this.metrics.allocationOrders.observe(orders.length);
    const wanted = orders.flatMap(({ orderId, lines }, place) => lines.map((line) => ({ ...line, orderId, place })));
    const rows = await allocateOrders.rows(tx, [
      wanted.map((line) => line.place),
      wanted.map((line) => line.orderId),
      wanted.map((line) => line.variantId),
      wanted.map((line) => line.quantity),
    ]);
    const lines = rows.flatMap(toShortLine);
    if (lines.length > 0) return { kind: 'short', lines };
    const changed = rows.filter((row) => row.location_id !== null);
    await tellCrossings(tx, changed, this.config.LOW_STOCK_THRESHOLD);
    return { kind: 'allocated', levels: changed.map(toLevel) };
  }

  /** @param lines how many units of each variant the order has given back in total; all it took when absent */
  async restock(tx: Tx, orderId: string, lines?: readonly StockLine[]): Promise<RestockedLine[]> {
    // The locks have their own statement: the next one, begun after it, sees all that was given back before.
    await lockLevelsOfOrder.rows(tx, [orderId]);
    const rows = await restockOrder.rows(tx, [
      orderId,
      lines?.map((line) => line.variantId) ?? null,
      lines?.map((line) => line.quantity) ?? null,
    ]);
    await tellCrossings(tx, rows, this.config.LOW_STOCK_THRESHOLD);
    return rows.map((row) => ({ variantId: row.variant_id, locationId: row.location_id, quantity: row.units }));
  }
}

function toShortLine(row: AllocatedRow): ShortLine[] {
  if (row.location_id !== null) return [];
  return [{ variantId: row.variant_id, requested: row.requested, available: row.available }];
}

function toLevel(row: AllocatedLevelRow): StockLevel {
  return {
    variantId: row.variant_id,
    locationId: row.location_id,
    onHand: row.on_hand,
    sellable: row.sellable,
    version: Number(row.version),
    epoch: Number(row.epoch),
    policy: row.policy,
    tracked: true,
    holdLimit: row.hold_limit,
    lowStockThreshold: row.low_stock_threshold,
  };
}

// Reads stock levels. Every statement reads the epoch in the same snapshot, so that a level never carries a newer epoch
// than the one its version belongs to.
import { Inject, Injectable } from '@nestjs/common';
import { eq } from 'drizzle-orm';
import { Database, type Executor } from '../../platform/database/database.js';
import { Statement } from '../../platform/database/statement.js';
import { STATEMENT_LIMITS } from '../../platform/database/statement-limits.js';
import { DEFAULT_PARTITION } from '../../platform/keyspace.js';
import { MicroBatch } from '../../platform/micro-batch.js';
import { inventoryLevels } from './inventory.schema.js';
import type { LevelSnapshot, StockPolicy } from './stock-level.js';

interface LevelRow {
  epoch: string;
  /** Null in the one row that stands for "no levels". */
  variant_id: string | null;
  location_id: string;
  on_hand: number;
  sellable: number | null;
  version: string;
  policy: StockPolicy;
  tracked: boolean;
  hold_limit: number | null;
  low_stock_threshold: number | null;
}

const columns =
  'e.epoch, l.variant_id, l.location_id, l.on_hand, l.sellable, l.version, l.policy, l.tracked, l.hold_limit, l.low_stock_threshold';

const byVariant = new Statement<LevelRow>(
  'inventory_levels_by_variant',
  `SELECT ${columns} FROM inventory_epochs e
   LEFT JOIN inventory_levels l ON l.variant_id = ANY ($1::uuid[])
   WHERE e.partition = '${DEFAULT_PARTITION}'`,
);

// OFFSET 0 keeps each order a look-up of its own: one join of all would read every movement there is.
const byOrders = new Statement<LevelRow & { order_id: string }>(
  'inventory_levels_by_order',
  `SELECT w.order_id, ${columns} FROM unnest($1::uuid[]) AS w (order_id) CROSS JOIN inventory_epochs e
   LEFT JOIN LATERAL (
     SELECT level.* FROM stock_movements m JOIN inventory_levels level USING (variant_id, location_id)
     WHERE m.order_id = w.order_id AND m.kind = 'allocation' OFFSET 0
   ) l ON true
   WHERE e.partition = '${DEFAULT_PARTITION}'`,
);

const pageAfter = new Statement<LevelRow>(
  'inventory_levels_page',
  `SELECT ${columns} FROM inventory_epochs e
   LEFT JOIN (SELECT * FROM inventory_levels WHERE (variant_id, location_id) > ($1::uuid, $2::uuid)
              ORDER BY variant_id, location_id LIMIT $3) l ON true
   WHERE e.partition = '${DEFAULT_PARTITION}' ORDER BY l.variant_id, l.location_id`,
);

@Injectable()
export class LevelsRepository {
  private readonly ofOrders = new MicroBatch<string, LevelSnapshot>(async (orderIds) => {
    const rows = await byOrders.rows(this.database.orm, [orderIds]);
    const rowsOf = Map.groupBy(rows, (row) => row.order_id);
    return orderIds.map((orderId) => toSnapshot(rowsOf.get(orderId) ?? []));
  }, STATEMENT_LIMITS);

  constructor(@Inject(Database) private readonly database: Database) {}

  /** Levels at all locations. A variant whose stock was never reported has none. */
  async ofVariants(variantIds: readonly string[], executor: Executor = this.database.orm): Promise<LevelSnapshot> {
    return toSnapshot(await byVariant.rows(executor, [variantIds]));
  }

  /** The present levels of what an order took. Those that are asked for together are read together. */
  ofOrder(orderId: string): Promise<LevelSnapshot> {
    return this.ofOrders.add(orderId);
  }

  /** Levels in the order of their keys. */
  async page(after: { variantId: string; locationId: string }, limit: number): Promise<LevelSnapshot> {
    return toSnapshot(await pageAfter.rows(this.database.orm, [after.variantId, after.locationId, limit]));
  }

  async variantIdOfSku(sku: string): Promise<string | undefined> {
    const [row] = await this.database.orm
      .select({ variantId: inventoryLevels.variantId })
      .from(inventoryLevels)
      .where(eq(inventoryLevels.sku, sku))
      .limit(1);
    return row?.variantId;
  }
}

function toSnapshot(rows: readonly LevelRow[]): LevelSnapshot {
  const epoch = Number(rows[0]?.epoch);
  if (!Number.isInteger(epoch)) throw new Error('inventory_epochs has no row: the migrations were not applied.');
  return {
    epoch,
    levels: rows.flatMap(({ variant_id: variantId, ...row }) =>
      variantId === null
        ? []
        : {
            variantId,
            locationId: row.location_id,
            onHand: row.on_hand,
            sellable: row.sellable,
            version: Number(row.version),
            epoch,
            policy: row.policy,
            tracked: row.tracked,
            holdLimit: row.hold_limit,
            lowStockThreshold: row.low_stock_threshold,
          },
    ),
  };
}

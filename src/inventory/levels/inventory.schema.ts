import { bigint, boolean, integer, pgTable, primaryKey, smallint, text, timestamp, uuid } from 'drizzle-orm/pg-core';

export const locations = pgTable('locations', {
  id: uuid().primaryKey(),
  code: text().notNull(),
  name: text().notNull(),
  rank: integer().notNull(),
  active: boolean().notNull(),
});

export const inventoryLevels = pgTable(
  'inventory_levels',
  {
    variantId: uuid('variant_id').notNull(),
    locationId: uuid('location_id').notNull(),
    sku: text(),
    onHand: integer('on_hand').notNull(),
    version: bigint({ mode: 'number' }).notNull(),
    policy: text({ enum: ['deny', 'backorder'] }).notNull(),
    tracked: boolean().notNull(),
    safetyStock: integer('safety_stock').notNull(),
    backorderLimit: integer('backorder_limit'),
    lowStockThreshold: integer('low_stock_threshold'),
    /** Units owed now. */
    backordered: integer().notNull(),
    /** Units that orders may take from what is there; null when nobody counts them. Computed by PostgreSQL. */
    sellable: integer(),
    /** Computed by PostgreSQL, see StockLevel. */
    holdLimit: integer('hold_limit'),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.variantId, table.locationId] })],
);

export const stockMovements = pgTable(
  'stock_movements',
  {
    variantId: uuid('variant_id').notNull(),
    locationId: uuid('location_id').notNull(),
    kind: text({ enum: ['receipt', 'allocation', 'cancellation', 'correction', 'transfer'] }).notNull(),
    /** Signed; on_hand is their sum. */
    quantity: integer().notNull(),
    /** Signed; the units a level owes are their sum. */
    backordered: integer().notNull(),
    orderId: uuid('order_id'),
    /** Counts the levels that an order took the variant from. */
    part: smallint().notNull().default(1),
    reason: text(),
    levelVersion: bigint('level_version', { mode: 'number' }).notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.variantId, table.locationId, table.levelVersion] })],
);

export const inventoryEpochs = pgTable('inventory_epochs', {
  partition: text().primaryKey(),
  epoch: bigint({ mode: 'number' }).notNull(),
});

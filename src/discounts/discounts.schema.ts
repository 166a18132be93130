import { bigint, boolean, integer, jsonb, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core';

export const ruleSets = pgTable('discount_rule_sets', {
  version: integer().primaryKey(),
  document: jsonb().notNull(),
  publishedAt: timestamp('published_at', { withTimezone: true }).notNull().defaultNow(),
});

export const discountState = pgTable('discount_state', {
  singleton: boolean().primaryKey().default(true),
  draft: jsonb().notNull(),
  draftRevision: integer('draft_revision').notNull().default(0),
  draftUpdatedAt: timestamp('draft_updated_at', { withTimezone: true }).notNull().defaultNow(),
  activeVersion: integer('active_version').notNull(),
});

export const discountUsages = pgTable(
  'discount_usages',
  {
    orderId: uuid('order_id').notNull(),
    code: text().notNull(),
    ruleSetVersion: integer('rule_set_version').notNull(),
    amountMinor: bigint('amount_minor', { mode: 'number' }).notNull(),
    currency: text().notNull(),
    usedAt: timestamp('used_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.orderId, table.code] })],
);

export const discountUsageCounts = pgTable('discount_usage_counts', {
  code: text().primaryKey(),
  used: bigint({ mode: 'number' }).notNull(),
});

import { bigint, jsonb, pgTable, timestamp, uuid } from 'drizzle-orm/pg-core';

export const carts = pgTable('carts', {
  id: uuid().primaryKey(),
  version: bigint({ mode: 'number' }).notNull(),
  customerId: uuid('customer_id'),
  document: jsonb().notNull(),
  updatedAt: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow(),
});

export const customerCarts = pgTable('customer_carts', {
  customerId: uuid('customer_id').primaryKey(),
  version: bigint({ mode: 'number' }).notNull(),
  cartId: uuid('cart_id').notNull(),
  updatedAt: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow(),
});

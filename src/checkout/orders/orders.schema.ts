import { sql } from 'drizzle-orm';
import { bigint, boolean, integer, jsonb, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { bytea } from '../../platform/database/bytea.js';
import type { Address, Quote } from '../session/checkout-session.js';

const minor = (name: string) => bigint(name, { mode: 'number' }).notNull();

export const orders = pgTable('orders', {
  id: uuid().primaryKey(),
  number: bigint({ mode: 'number' }).notNull().default(sql`nextval('order_numbers')`),
  checkoutId: uuid('checkout_id').notNull(),
  cartId: uuid('cart_id').notNull(),
  customerId: uuid('customer_id'),
  email: text(),
  state: text().$type<'placed' | 'captured' | 'cancelled'>().notNull(),
  currency: text().notNull(),
  subtotalMinor: minor('subtotal_minor'),
  discountMinor: minor('discount_minor'),
  shippingMinor: minor('shipping_minor'),
  taxMinor: minor('tax_minor'),
  totalMinor: minor('total_minor'),
  taxInclusive: boolean('tax_inclusive').notNull(),
  ruleSetVersion: integer('rule_set_version').notNull(),
  discounts: jsonb().$type<Quote['discounts']>().notNull(),
  shippingMethodId: text('shipping_method_id'),
  shippingAddress: jsonb('shipping_address').$type<Address>(),
  billingAddress: jsonb('billing_address').$type<Address>(),
  accessTokenHash: bytea('access_token_hash').notNull(),
  placedAt: timestamp('placed_at', { withTimezone: true }).notNull().defaultNow(),
  capturedAt: timestamp('captured_at', { withTimezone: true }),
  cancelledAt: timestamp('cancelled_at', { withTimezone: true }),
  cancelReason: text('cancel_reason'),
});

export const orderLines = pgTable(
  'order_lines',
  {
    orderId: uuid('order_id').notNull(),
    position: integer().notNull(),
    variantId: uuid('variant_id').notNull(),
    productId: uuid('product_id').notNull(),
    sku: text(),
    title: text().notNull(),
    quantity: integer().notNull(),
    unitPriceMinor: minor('unit_price_minor'),
    discountMinor: minor('discount_minor'),
    taxMinor: minor('tax_minor'),
    totalMinor: minor('total_minor'),
  },
  (table) => [primaryKey({ columns: [table.orderId, table.position] })],
);

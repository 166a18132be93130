import { bigint, boolean, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import type { RefundedLine } from './refund-amounts.js';

export interface FulfilledLine {
  readonly position: number;
  readonly quantity: number;
}

const createdAt = timestamp('created_at', { withTimezone: true }).notNull().defaultNow();
const minor = (name: string) => bigint(name, { mode: 'number' }).notNull();

export const orderFulfillments = pgTable('order_fulfillments', {
  id: uuid().primaryKey(),
  orderId: uuid('order_id').notNull(),
  lines: jsonb().$type<readonly FulfilledLine[]>().notNull(),
  carrier: text(),
  trackingNumber: text('tracking_number'),
  trackingUrl: text('tracking_url'),
  createdAt,
});

export const orderRefunds = pgTable('order_refunds', {
  id: uuid().primaryKey(),
  orderId: uuid('order_id').notNull(),
  attemptId: uuid('attempt_id').notNull(),
  lines: jsonb().$type<readonly RefundedLine[]>().notNull(),
  shippingMinor: minor('shipping_minor'),
  extraMinor: minor('extra_minor'),
  amountMinor: minor('amount_minor'),
  reason: text(),
  restocked: boolean().notNull(),
  createdAt,
});

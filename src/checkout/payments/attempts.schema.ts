import { bigint, integer, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import type { Agreement, Ending, PendingAction, Review } from './attempt.js';
import type { AttemptState } from './attempt-states.js';

export const paymentAttempts = pgTable('payment_attempts', {
  id: uuid().primaryKey(),
  checkoutId: uuid('checkout_id').notNull(),
  cartId: uuid('cart_id').notNull(),
  orderId: uuid('order_id').notNull(),
  provider: text().notNull(),
  providerReference: text('provider_reference'),
  amountMinor: bigint('amount_minor', { mode: 'number' }).notNull(),
  currency: text().notNull(),
  state: text().$type<AttemptState>().notNull(),
  fence: integer().notNull().default(1),
  agreement: jsonb().$type<Agreement>().notNull(),
  ending: jsonb().$type<Ending>(),
  action: jsonb().$type<PendingAction>(),
  review: jsonb().$type<Review>(),
  idempotencyScope: text('idempotency_scope').notNull(),
  idempotencyKey: text('idempotency_key').notNull(),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  updatedAt: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow(),
});

import { bigint, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import type { CheckoutSession } from './checkout-session.js';

export const checkoutSessions = pgTable('checkout_sessions', {
  id: uuid().primaryKey(),
  version: bigint({ mode: 'number' }).notNull(),
  state: text().notNull(),
  cartId: uuid('cart_id').notNull(),
  document: jsonb().$type<CheckoutSession>().notNull(),
  updatedAt: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow(),
});

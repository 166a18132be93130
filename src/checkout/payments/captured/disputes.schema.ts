import { bigint, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import type { DisputeState } from '../payment-provider.js';

export const paymentDisputes = pgTable('payment_disputes', {
  id: uuid().primaryKey(),
  attemptId: uuid('attempt_id').notNull(),
  reference: text().notNull(),
  amountMinor: bigint('amount_minor', { mode: 'number' }).notNull(),
  state: text().$type<DisputeState>().notNull(),
  reason: text(),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  updatedAt: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow(),
});

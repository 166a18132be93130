import { bigint, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

export const testProviderPayments = pgTable('test_provider_payments', {
  key: text().primaryKey(),
  state: text().$type<'authorized' | 'declined' | 'captured' | 'voided'>().notNull(),
  amountMinor: bigint('amount_minor', { mode: 'number' }).notNull(),
  currency: text().notNull(),
  capturedMinor: bigint('captured_minor', { mode: 'number' }).notNull().default(0),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
});

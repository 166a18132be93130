import { bigint, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';

export const testProviderPayments = pgTable('test_provider_payments', {
  key: text().primaryKey(),
  state: text().$type<'authorized' | 'declined' | 'captured' | 'voided'>().notNull(),
  amountMinor: bigint('amount_minor', { mode: 'number' }).notNull(),
  currency: text().notNull(),
  capturedMinor: bigint('captured_minor', { mode: 'number' }).notNull().default(0),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
});

export const testProviderRefunds = pgTable(
  'test_provider_refunds',
  {
    paymentKey: text('payment_key').notNull(),
    refundKey: text('refund_key').notNull(),
    amountMinor: bigint('amount_minor', { mode: 'number' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.paymentKey, table.refundKey] })],
);

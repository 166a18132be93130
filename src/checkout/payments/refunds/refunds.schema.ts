import { bigint, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core';

export const REFUND_STATES = ['requested', 'refunded', 'refused'] as const;
export type RefundState = (typeof REFUND_STATES)[number];

export const paymentRefunds = pgTable(
  'payment_refunds',
  {
    attemptId: uuid('attempt_id').notNull(),
    refundKey: text('refund_key').notNull(),
    amountMinor: bigint('amount_minor', { mode: 'number' }).notNull(),
    state: text().$type<RefundState>().notNull(),
    reason: text(),
    providerReference: text('provider_reference'),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.attemptId, table.refundKey] })],
);

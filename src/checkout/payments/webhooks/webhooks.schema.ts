import { pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';

export const paymentWebhooks = pgTable(
  'payment_webhooks',
  {
    provider: text().notNull(),
    eventId: text('event_id').notNull(),
    paymentKey: text('payment_key'),
    receivedAt: timestamp('received_at', { withTimezone: true }).notNull().defaultNow(),
    processedAt: timestamp('processed_at', { withTimezone: true }),
  },
  (table) => [primaryKey({ columns: [table.provider, table.eventId] })],
);

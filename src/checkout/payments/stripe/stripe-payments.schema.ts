import { pgTable, text } from 'drizzle-orm/pg-core';

export const stripePayments = pgTable('stripe_payments', {
  paymentKey: text('payment_key').primaryKey(),
  intentId: text('intent_id'),
});

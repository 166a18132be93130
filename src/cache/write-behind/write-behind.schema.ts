import { bigint, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

export const deadLetters = pgTable('write_behind_dead_letters', {
  id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  kind: text().notNull(),
  documentId: text('document_id').notNull(),
  version: bigint({ mode: 'number' }).notNull(),
  document: jsonb(),
  error: text().notNull(),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
});

export const sessionEpochs = pgTable('session_epochs', {
  shard: text().primaryKey(),
  epoch: bigint({ mode: 'number' }).notNull(),
});

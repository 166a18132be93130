import { doublePrecision, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';

export const hotKeys = pgTable(
  'cache_hot_keys',
  {
    category: text().notNull(),
    hour: timestamp({ withTimezone: true }).notNull(),
    keys: text().array().notNull(),
    weights: doublePrecision().array().notNull(),
    recordedAt: timestamp('recorded_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.category, table.hour] })],
);

import { boolean, doublePrecision, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

export const cacheControls = pgTable('cache_controls', {
  category: text().primaryKey(),
  memory: boolean().notNull().default(true),
  redis: boolean().notNull().default(true),
  serveStaleMs: integer('serve_stale_ms').notNull().default(0),
  redisWriteShare: doublePrecision('redis_write_share').notNull().default(1),
  changedAt: timestamp('changed_at', { withTimezone: true }).notNull().defaultNow(),
});

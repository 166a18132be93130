import { bigint, integer, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import type { WarmPlan, WarmSource } from './warm-plan.js';

export const warmUps = pgTable('cache_warm_ups', {
  id: uuid().primaryKey(),
  category: text().notNull(),
  source: text().$type<WarmSource>().notNull(),
  state: text().$type<'running' | 'done' | 'failed'>().notNull().default('running'),
  plan: jsonb().$type<WarmPlan>().notNull(),
  total: integer().notNull(),
  done: integer().notNull().default(0),
  failed: integer().notNull().default(0),
  fence: bigint({ mode: 'number' }).notNull().default(0),
  startedAt: timestamp('started_at', { withTimezone: true }).notNull().defaultNow(),
  updatedAt: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow(),
  finishedAt: timestamp('finished_at', { withTimezone: true }),
  error: text(),
});

import { pgTable, text, timestamp } from 'drizzle-orm/pg-core';

export type JobOutcome = 'done' | 'skipped' | 'failed';

export const jobRuns = pgTable('job_runs', {
  name: text().primaryKey(),
  startedAt: timestamp('started_at', { withTimezone: true }).notNull().defaultNow(),
  finishedAt: timestamp('finished_at', { withTimezone: true }),
  outcome: text().$type<JobOutcome>(),
  note: text(),
  error: text(),
});

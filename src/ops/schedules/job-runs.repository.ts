import { Inject, Injectable } from '@nestjs/common';
import { eq, sql } from 'drizzle-orm';
import { Database } from '../../platform/database/database.js';
import { type JobOutcome, jobRuns } from './job-runs.schema.js';

export type JobRun = typeof jobRuns.$inferSelect;

/** How a run ended. `note` is what it says of itself, `error` why it failed. */
export interface JobEnd {
  readonly outcome: JobOutcome;
  readonly note: string | null;
  readonly error: string | null;
}

@Injectable()
export class JobRunsRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /**
   * Notes that a job begins, unless it began less than `notWithinMs` ago: clocks of processes differ, and when a short
   * job has given its lease back, the next process would run it again.
   * @returns whether it may run
   */
  async begin(name: string, notWithinMs: number): Promise<boolean> {
    const begun = await this.database.orm
      .insert(jobRuns)
      .values({ name })
      .onConflictDoUpdate({
        target: jobRuns.name,
        set: { startedAt: sql`now()`, finishedAt: null, outcome: null, note: null, error: null },
        setWhere: sql`${jobRuns.startedAt} <= now() - ${notWithinMs} * interval '1 millisecond'`,
      })
      .returning({ name: jobRuns.name });
    return begun.length > 0;
  }

  async end(name: string, { outcome, note, error }: JobEnd): Promise<void> {
    await this.database.orm
      .update(jobRuns)
      .set({ finishedAt: sql`now()`, outcome, note, error })
      .where(eq(jobRuns.name, name));
  }

  async all(): Promise<JobRun[]> {
    return this.database.orm.select().from(jobRuns).orderBy(jobRuns.name).limit(100);
  }
}

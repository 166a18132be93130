import { Inject, Injectable } from '@nestjs/common';
import { and, eq, sql } from 'drizzle-orm';
import { Database } from '../../platform/database/database.js';
import { importJobs } from '../catalog.schema.js';
import type { ImportReport } from './import-report.js';

/** A running job without a heartbeat for this long has lost its process. */
const SILENT_AFTER_S = 30;

const silent = sql<boolean>`${importJobs.heartbeatAt} < now() - ${SILENT_AFTER_S} * interval '1 second'`;

@Injectable()
export class ImportJobsRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  async insert(job: {
    id: string;
    sourceName: string | null;
    totalBytes: number;
    report: ImportReport;
  }): Promise<void> {
    await this.database.orm.insert(importJobs).values({ ...job, state: 'running' });
  }

  async beat(id: string, readBytes: number, report: ImportReport): Promise<void> {
    await this.database.orm
      .update(importJobs)
      .set({ readBytes, report, heartbeatAt: sql`now()` })
      .where(and(eq(importJobs.id, id), eq(importJobs.state, 'running')));
  }

  async finish(id: string, state: 'done' | 'failed', report: ImportReport, error: string | null): Promise<void> {
    await this.database.orm
      .update(importJobs)
      .set({
        state,
        report,
        error,
        heartbeatAt: sql`now()`,
        finishedAt: sql`now()`,
        ...(state === 'done' && { readBytes: importJobs.totalBytes }),
      })
      .where(eq(importJobs.id, id));
  }

  /** Ends the jobs whose process died. Call it while holding the import lock: then no running job can be alive. */
  async failOrphans(error: string): Promise<void> {
    await this.database.orm
      .update(importJobs)
      .set({ state: 'failed', error, finishedAt: sql`now()` })
      .where(eq(importJobs.state, 'running'));
  }

  async find(id: string) {
    const [row] = await this.database.orm
      .select({ job: importJobs, silent })
      .from(importJobs)
      .where(eq(importJobs.id, id));
    return row;
  }
}

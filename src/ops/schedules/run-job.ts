import { Inject, Injectable, type OnApplicationShutdown, type OnModuleDestroy } from '@nestjs/common';
import type { Logger } from 'pino';
import { LeaderLock } from '../../cache/index.js';
import { unavailable } from '../../platform/errors.js';
import { LOGGER } from '../../platform/logging.js';
import type { ScheduledJob } from '../../platform/scheduled-jobs.js';
import { type JobEnd, JobRunsRepository } from './job-runs.repository.js';

const LEASE_MS = 30_000;
/** Length of an error: it may name everything that failed. */
const MOST_CHARS = 500;

/** Runs a scheduled job in one process of many, and notes how it ended. */
@Injectable()
export class RunJob implements OnModuleDestroy, OnApplicationShutdown {
  private readonly stopping = new AbortController();
  private readonly running = new Set<Promise<unknown>>();

  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(LeaderLock) private readonly leaderLock: LeaderLock,
    @Inject(JobRunsRepository) private readonly runs: JobRunsRepository,
  ) {}

  onModuleDestroy(): void {
    this.stopping.abort();
  }

  /** Waits only now: some jobs end early only once the feature that they work for is stopped. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.allSettled(this.running);
  }

  /**
   * Runs a job now and waits for its end.
   * @param notWithinMs the job does not run if it began less than this long ago, in any process
   * @throws AppError `unavailable` when the lock cannot be asked for.
   */
  run(job: ScheduledJob, notWithinMs = 0): Promise<JobEnd | 'running elsewhere'> {
    const run = this.lead(job, notWithinMs).finally(() => this.running.delete(run));
    this.running.add(run);
    return run;
  }

  private async lead(job: ScheduledJob, notWithinMs: number): Promise<JobEnd | 'running elsewhere'> {
    const led = await this.leaderLock.runIfLeader(`job:${job.name}`, LEASE_MS, async ({ signal }) =>
      (await this.runs.begin(job.name, notWithinMs)) ? this.carryOut(job, signal) : ('running elsewhere' as const),
    );
    if (led.ran) return led.result;
    if (led.reason === 'down') throw unavailable('The operational layer, which tells who runs a job,');
    return 'running elsewhere';
  }

  private async carryOut(job: ScheduledJob, lost: AbortSignal): Promise<JobEnd> {
    const end = await this.endOf(job, AbortSignal.any([lost, this.stopping.signal]));
    await this.runs.end(job.name, end);
    return end;
  }

  private async endOf(job: ScheduledJob, stop: AbortSignal): Promise<JobEnd> {
    try {
      const { outcome, note } = (await job.run(stop)) ?? { outcome: 'done', note: null };
      this.logger.info({ job: job.name, outcome, ...(note && { note }) }, 'a scheduled job has ended');
      return { outcome, note, error: null };
    } catch (error) {
      this.logger.error({ err: error, job: job.name }, 'a scheduled job failed');
      const text = error instanceof Error ? error.message : String(error);
      return { outcome: 'failed', note: null, error: text.slice(0, MOST_CHARS) };
    }
  }
}

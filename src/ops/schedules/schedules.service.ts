import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { CronJob } from 'cron';
import type { Logger } from 'pino';
import { LeaderLock } from '../../cache/index.js';
import { CONFIG, type Config } from '../../platform/config.js';
import { unavailable } from '../../platform/errors.js';
import { LOGGER } from '../../platform/logging.js';
import { type ScheduledJob, ScheduledJobs } from '../../platform/scheduled-jobs.js';
import { type JobEnd, JobRunsRepository } from './job-runs.repository.js';

export type JobStart = JobEnd | 'running elsewhere' | 'no such job';

const LEASE_MS = 30_000;
/** Of an error: it may name everything that failed. */
const MOST_CHARS = 500;
/** A schedule fires in every process at about the same moment: it is one run, not one for each. */
const SAME_RUN_MS = 20_000;

/** Runs the scheduled jobs by the clock, and by hand. */
@Injectable()
export class SchedulesService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly running = new Set<Promise<unknown>>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(SchedulerRegistry) private readonly registry: SchedulerRegistry,
    @Inject(LeaderLock) private readonly leaderLock: LeaderLock,
    @Inject(JobRunsRepository) private readonly runs: JobRunsRepository,
    @Inject(ScheduledJobs) private readonly jobs: ScheduledJobs,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.ROLE === 'api') return;
    for (const job of this.jobs.all) {
      const cron = CronJob.from({
        cronTime: job.cron,
        timeZone: 'UTC',
        onTick: () => this.track(this.start(job, SAME_RUN_MS)),
      });
      this.registry.addCronJob(job.name, cron);
      cron.start();
    }
  }

  async onModuleDestroy(): Promise<void> {
    for (const [name] of this.registry.getCronJobs()) this.registry.deleteCronJob(name);
    await Promise.allSettled(this.running);
  }

  /**
   * Runs a job now and waits for its end.
   * @throws AppError `unavailable` when the lock cannot be asked for.
   */
  async runNow(name: string): Promise<JobStart> {
    const job = this.jobs.find(name);
    return job ? this.start(job, 0) : 'no such job';
  }

  private async start(job: ScheduledJob, notWithinMs: number): Promise<JobStart> {
    const led = await this.leaderLock.runIfLeader(`job:${job.name}`, LEASE_MS, async ({ signal }) =>
      (await this.runs.begin(job.name, notWithinMs)) ? this.carryOut(job, signal) : ('running elsewhere' as const),
    );
    if (led.ran) return led.result;
    if (led.reason === 'down') throw unavailable('The operational layer, which tells who runs a job,');
    return 'running elsewhere';
  }

  private async carryOut(job: ScheduledJob, lost: AbortSignal): Promise<JobEnd> {
    const end = await this.endOf(job, lost);
    await this.runs.end(job.name, end);
    return end;
  }

  private async endOf(job: ScheduledJob, lost: AbortSignal): Promise<JobEnd> {
    try {
      const { outcome, note } = (await job.run(lost)) ?? { outcome: 'done', note: null };
      this.logger.info({ job: job.name, outcome, ...(note && { note }) }, 'a scheduled job has ended');
      return { outcome, note, error: null };
    } catch (error) {
      this.logger.error({ err: error, job: job.name }, 'a scheduled job failed');
      const text = error instanceof Error ? error.message : String(error);
      return { outcome: 'failed', note: null, error: text.slice(0, MOST_CHARS) };
    }
  }

  private track(work: Promise<unknown>): void {
    const tracked = work.catch((error: unknown) =>
      this.logger.error({ err: error }, 'a scheduled job could not be started'),
    );
    this.running.add(tracked);
    void tracked.finally(() => this.running.delete(tracked));
  }
}

import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { CronJob } from 'cron';
import type { Logger } from 'pino';
import { CONFIG, type Config } from '../../platform/config.js';
import { LOGGER } from '../../platform/logging.js';
import { type ScheduledJob, ScheduledJobs } from '../../platform/scheduled-jobs.js';
import { RunJob } from './run-job.js';

/** A schedule fires in every process at about the same moment: that is one run, not many. */
const SAME_RUN_MS = 20_000;

/** Runs the scheduled jobs by the clock. */
@Injectable()
export class SchedulesService implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(SchedulerRegistry) private readonly registry: SchedulerRegistry,
    @Inject(ScheduledJobs) private readonly jobs: ScheduledJobs,
    @Inject(RunJob) private readonly runJob: RunJob,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.ROLE === 'api') return;
    for (const job of this.jobs.all) {
      const cron = CronJob.from({ cronTime: job.cron, timeZone: 'UTC', onTick: () => this.tick(job) });
      this.registry.addCronJob(job.name, cron);
      cron.start();
    }
  }

  onModuleDestroy(): void {
    for (const [name] of this.registry.getCronJobs()) this.registry.deleteCronJob(name);
  }

  private tick(job: ScheduledJob): void {
    this.runJob
      .run(job, SAME_RUN_MS)
      .catch((error: unknown) => this.logger.error({ err: error }, 'a scheduled job could not be started'));
  }
}

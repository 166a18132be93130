// Jobs by the clock, in an application that is stopped while one runs.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { type BeforeApplicationShutdown, Inject, Injectable, Module, type OnModuleInit } from '@nestjs/common';
import { CacheModule } from '../../src/cache/index.js';
import { OpsModule } from '../../src/ops/index.js';
import { Database } from '../../src/platform/database/database.js';
import { ScheduledJobs } from '../../src/platform/scheduled-jobs.js';
import { startModules } from '../support/module-app.js';
import { database, redis, shop, useModules } from '../support/modules-rig.js';

const begun = Promise.withResolvers<void>();
const stopped = Promise.withResolvers<void>();
const told: string[] = [];

/** A job each second that does not end before its feature is stopped, as a warm-up or a comparison of stores. */
@Injectable()
class EndlessJob implements OnModuleInit, BeforeApplicationShutdown {
  constructor(@Inject(ScheduledJobs) private readonly jobs: ScheduledJobs) {}

  onModuleInit(): void {
    const run = async (stop: AbortSignal): Promise<void> => {
      begun.resolve();
      await stopped.promise;
      told.push(stop.aborted ? 'the job' : 'the job, too late');
    };
    this.jobs.register({ name: 'endless', summary: 'Runs until its feature is stopped', cron: '* * * * * *', run });
  }

  beforeApplicationShutdown(): void {
    told.push('its feature');
    stopped.resolve();
  }
}

@Module({ providers: [EndlessJob] })
class EndlessModule {}

useModules([CacheModule.forRoot(), OpsModule]);

test('a stop waits for a job that runs, after the job and its feature were told to end', async () => {
  const app = await startModules([CacheModule.forRoot(), OpsModule, EndlessModule], { database, redis });
  await begun.promise;
  const end = await Promise.race([app.close().then(() => 'closed'), sleep(10_000, 'still open', { ref: false })]);
  expect([end, told]).toEqual(['closed', ['its feature', 'the job']]);
  const { pool } = shop.app.get(Database, { strict: false });
  const { rows } = await pool.query("SELECT outcome FROM job_runs WHERE name = 'endless'");
  expect(rows).toEqual([{ outcome: 'done' }]);
});

import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { CacheAuditor, Popularity, TieredCache, type WarmSource, WarmUps } from '../../cache/index.js';
import { type JobReport, ScheduledJobs } from '../../platform/scheduled-jobs.js';

/** Scheduled jobs that keep the cache warm, each run in one process of many. */
@Injectable()
export class CacheJobs implements OnModuleInit {
  constructor(
    @Inject(ScheduledJobs) private readonly jobs: ScheduledJobs,
    @Inject(TieredCache) private readonly cache: TieredCache,
    @Inject(WarmUps) private readonly warmUps: WarmUps,
    @Inject(Popularity) private readonly popularity: Popularity,
    @Inject(CacheAuditor) private readonly auditor: CacheAuditor,
  ) {}

  onModuleInit(): void {
    this.jobs.register({
      name: 'audit-cache',
      summary: 'Compare a sample of cached entries with PostgreSQL; each process does so every minute as well',
      cron: '4-59/15 * * * *',
      run: () => this.audit(),
    });
    this.jobs.register({
      name: 'record-hot-keys',
      summary: 'Keep the list of the hot keys in PostgreSQL, hour by hour',
      cron: '*/5 * * * *',
      run: async () => {
        await this.popularity.publish();
        await this.popularity.record();
      },
    });
    this.jobs.register({
      name: 'warm-popular',
      summary: 'Load the keys that were read most in the last hours',
      cron: '20 * * * *',
      run: (stop) => this.warmAll('popular', stop),
    });
    this.jobs.register({
      name: 'warm-predicted',
      summary: 'Load the keys that are read at the next hour on other days',
      cron: '50 * * * *',
      run: (stop) => this.warmAll('predicted', stop),
    });
    this.jobs.register({
      name: 'refresh-expiring',
      summary: 'Load popular keys anew before their time is over',
      cron: '2-59/5 * * * *',
      run: (stop) => this.warmAll('expiring', stop),
    });
  }

  private async audit(): Promise<JobReport> {
    const { skipped, audited, differences, raced } = await this.auditor.audit();
    if (skipped !== undefined) return { outcome: 'skipped', note: skipped };
    const found = `${differences} of them wrong and made void, ${raced} changed meanwhile`;
    return { outcome: 'done', note: `${audited} copies were compared with PostgreSQL: ${found}.` };
  }

  private async warmAll(source: WarmSource, stop: AbortSignal): Promise<void> {
    const failed: string[] = [];
    for (const { name } of this.cache.registered) {
      if (stop.aborted) return;
      const job = await this.warmUps.run(name, { source });
      if (job?.state === 'failed') failed.push(`${name} (${job.error ?? 'unknown'})`);
    }
    if (failed.length > 0) throw new Error(`warming failed: ${failed.join(', ')}`);
  }
}

import { type BeforeApplicationShutdown, Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { CONFIG, type Config } from '../../platform/config.js';
import { LOGGER } from '../../platform/logging.js';
import { RedisLayers } from '../../platform/redis/redis-layers.js';
import { ScheduledJobs } from '../../platform/scheduled-jobs.js';
import { Reconciliation } from './reconciliation.service.js';

/**
 * Compares the stores each time Redis comes back, and on a schedule. Events that could not be delivered while it was away
 * are retried, but not for ever; after a comparison it does not matter which were lost, nor what PostgreSQL has lost.
 */
@Injectable()
export class ReconciliationJob implements OnModuleInit, BeforeApplicationShutdown {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(RedisLayers) private readonly layers: RedisLayers,
    @Inject(ScheduledJobs) private readonly jobs: ScheduledJobs,
    @Inject(Reconciliation) private readonly reconciliation: Reconciliation,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.jobs.register({
      name: 'reconcile-stock',
      summary: 'Compare the stock levels and holds in Redis with PostgreSQL',
      cron: '*/10 * * * *',
      run: () => this.reconcile(),
    });
    if (this.config.ROLE !== 'api') this.layers.onReady('operational', () => this.reconcile());
  }

  private async reconcile(): Promise<void> {
    const { differing, epochRaised, checked, holds } = await this.reconciliation.reconcile();
    if (holds.differing > 0) {
      const some = holds.differences.slice(0, 10);
      this.logger.warn({ differing: holds.differing, some }, 'holds in redis were not as they should be');
    }
    if (differing > 0) this.logger.warn({ differing, epochRaised, checked }, 'stock levels in redis were repaired');
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.reconciliation.stop();
  }
}

import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { type CategoryName, WarmUps } from '../../cache/index.js';
import { CONFIG, type Config } from '../../platform/config.js';
import { IdempotencyRepository } from '../../platform/idempotency/idempotency.repository.js';
import { ScheduledJobs, untilNothingIsLeft } from '../../platform/scheduled-jobs.js';

/** The scheduled jobs that belong to no single feature. */
@Injectable()
export class ShopJobs implements OnModuleInit {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(ScheduledJobs) private readonly jobs: ScheduledJobs,
    @Inject(WarmUps) private readonly warmUps: WarmUps,
    @Inject(IdempotencyRepository) private readonly idempotency: IdempotencyRepository,
  ) {}

  onModuleInit(): void {
    this.jobs.register({
      name: 'warm-products',
      summary: 'Load products and their lists into the cache',
      cron: this.config.WARM_PRODUCTS_CRON,
      run: () => this.warm(['product', 'productList']),
    });
    this.jobs.register({
      name: 'warm-rule-sets',
      summary: 'Load the active discount rules into the cache',
      cron: this.config.WARM_RULES_CRON,
      run: () => this.warm(['discountRules']),
    });
    this.jobs.register({
      name: 'purge-idempotency-keys',
      summary: 'Forget the answers of old requests',
      cron: '17 * * * *',
      run: () => untilNothingIsLeft(() => this.idempotency.purge(this.config.IDEMPOTENCY_TTL_S)),
    });
  }

  private async warm(names: readonly CategoryName[]): Promise<void> {
    for (const name of names) {
      const job = await this.warmUps.run(name);
      if (job?.state === 'failed') throw new Error(`warming ${name} failed: ${job.error ?? `${job.failed} keys`}`);
    }
  }
}

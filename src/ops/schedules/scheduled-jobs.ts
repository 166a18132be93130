import { Inject, Injectable } from '@nestjs/common';
import { WarmUps } from '../../cache/index.js';
import { CONFIG, type Config } from '../../platform/config.js';
import { IdempotencyRepository } from '../../platform/idempotency/idempotency.repository.js';

/** Something that is done by the clock, by one process of many. */
export interface ScheduledJob {
  readonly name: string;
  readonly summary: string;
  /** Cron expression: five fields, or six with seconds. UTC. */
  readonly cron: string;
  run(): Promise<void>;
}

const PURGE_CRON = '17 * * * *';

/** Every scheduled job of the shop. */
@Injectable()
export class ScheduledJobs {
  readonly all: readonly ScheduledJob[];

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(WarmUps) private readonly warmUps: WarmUps,
    @Inject(IdempotencyRepository) private readonly idempotency: IdempotencyRepository,
  ) {
    this.all = [
      {
        name: 'warm-products',
        summary: 'Load products and their lists into the cache',
        cron: config.WARM_PRODUCTS_CRON,
        run: () => this.warm(['product', 'productList']),
      },
      {
        name: 'warm-rule-sets',
        summary: 'Load the active discount rules into the cache',
        cron: config.WARM_RULES_CRON,
        run: () => this.warm(['discountRules']),
      },
      {
        name: 'purge-idempotency-keys',
        summary: 'Forget the answers of old requests',
        cron: PURGE_CRON,
        run: () => this.purge(),
      },
    ];
  }

  private async warm(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const job = await this.warmUps.run(name);
      if (job?.state === 'failed') throw new Error(`warming ${name} failed: ${job.error ?? `${job.failed} keys`}`);
    }
  }

  private async purge(): Promise<void> {
    while ((await this.idempotency.purge(this.config.IDEMPOTENCY_TTL_S)) > 0);
  }
}

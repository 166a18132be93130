import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { CONFIG, type Config } from '../../platform/config.js';
import { OutboxRelay } from '../../platform/outbox/outbox-relay.js';
import { ScheduledJobs, untilNothingIsLeft } from '../../platform/scheduled-jobs.js';
import { ExpiredCheckoutsRepository } from './expired-checkouts.repository.js';

@Injectable()
export class ExpireCheckoutsJob implements OnModuleInit {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(ScheduledJobs) private readonly jobs: ScheduledJobs,
    @Inject(ExpiredCheckoutsRepository) private readonly checkouts: ExpiredCheckoutsRepository,
    @Inject(OutboxRelay) private readonly relay: OutboxRelay,
  ) {}

  onModuleInit(): void {
    this.jobs.register({
      name: 'expire-checkouts',
      summary: 'End checkouts that nobody pays, and give their stock back',
      cron: '*/5 * * * *',
      run: async () => {
        await untilNothingIsLeft(() => this.checkouts.expire(this.config.CHECKOUT_TTL_S));
        this.relay.nudge();
      },
    });
  }
}

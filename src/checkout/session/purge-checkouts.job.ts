import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { CONFIG, type Config } from '../../platform/config.js';
import { ScheduledJobs, untilNothingIsLeft } from '../../platform/scheduled-jobs.js';
import { CheckoutSessionsRepository } from './checkout-sessions.repository.js';

@Injectable()
export class PurgeCheckoutsJob implements OnModuleInit {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(ScheduledJobs) private readonly jobs: ScheduledJobs,
    @Inject(CheckoutSessionsRepository) private readonly sessions: CheckoutSessionsRepository,
  ) {}

  onModuleInit(): void {
    this.jobs.register({
      name: 'purge-checkouts',
      summary: 'Delete old checkouts that never became an order',
      cron: '27 3 * * *',
      run: () => untilNothingIsLeft(() => this.sessions.purge(this.config.GUEST_DATA_TTL_S)),
    });
  }
}

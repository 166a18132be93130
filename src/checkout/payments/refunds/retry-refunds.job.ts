import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { CONFIG, type Config } from '../../../platform/config.js';
import { ScheduledJobs } from '../../../platform/scheduled-jobs.js';
import { PaymentRefunds } from './payment-refunds.js';
import { RefundsRepository } from './refunds.repository.js';

const BATCH = 50;

@Injectable()
export class RetryRefundsJob implements OnModuleInit {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(ScheduledJobs) private readonly jobs: ScheduledJobs,
    @Inject(RefundsRepository) private readonly refunds: RefundsRepository,
    @Inject(PaymentRefunds) private readonly paymentRefunds: PaymentRefunds,
  ) {}

  onModuleInit(): void {
    this.jobs.register({
      name: 'retry-refunds',
      summary: 'Ask again for refunds whose outcome is not known',
      cron: '* * * * *',
      run: () => this.retry(),
    });
  }

  private async retry(): Promise<void> {
    const stuck = await this.refunds.takeUpStuck(this.config.PAYMENT_RECOVERY_AFTER_MS, BATCH);
    for (const refund of stuck) await this.paymentRefunds.carryOut(refund);
  }
}

import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { ScheduledJobs, untilNothingIsLeft } from '../../../platform/scheduled-jobs.js';
import { WebhooksRepository } from './webhooks.repository.js';

/** Providers repeat a webhook for days (Stripe for three); one that was forgotten is carried out again, without effect. */
const KEPT_DAYS = 30;

@Injectable()
export class PurgeWebhooksJob implements OnModuleInit {
  constructor(
    @Inject(ScheduledJobs) private readonly jobs: ScheduledJobs,
    @Inject(WebhooksRepository) private readonly webhooks: WebhooksRepository,
  ) {}

  onModuleInit(): void {
    this.jobs.register({
      name: 'purge-payment-webhooks',
      summary: 'Forget old webhooks of payment providers',
      cron: '41 3 * * *',
      run: () => untilNothingIsLeft(() => this.webhooks.purge(KEPT_DAYS)),
    });
  }
}

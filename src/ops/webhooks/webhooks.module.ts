import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { ScheduledJobs, untilNothingIsLeft } from '../../platform/scheduled-jobs.js';
import { DeliverWebhooks } from './deliver-webhooks.job.js';
import { EnqueueWebhooks } from './enqueue-webhooks.events.js';
import { WebhookDeliveriesRepository } from './webhook-deliveries.repository.js';
import { WebhookEndpointsRepository } from './webhook-endpoints.repository.js';
import { WebhookLogController } from './webhook-log.controller.js';
import { WebhookSender } from './webhook-sender.js';
import { WebhooksController } from './webhooks.controller.js';
import { WebhooksService } from './webhooks.service.js';

const LOG_KEPT_S = 30 * 86_400;

/** Tells others what has happened: signed, retried until accepted or given up, in order for each order. */
@Module({
  controllers: [WebhooksController, WebhookLogController],
  providers: [
    WebhookEndpointsRepository,
    WebhookDeliveriesRepository,
    WebhooksService,
    WebhookSender,
    DeliverWebhooks,
    EnqueueWebhooks,
  ],
})
export class WebhooksModule implements OnModuleInit {
  constructor(
    @Inject(ScheduledJobs) private readonly jobs: ScheduledJobs,
    @Inject(WebhookDeliveriesRepository) private readonly deliveries: WebhookDeliveriesRepository,
  ) {}

  onModuleInit(): void {
    this.jobs.register({
      name: 'purge-webhook-log',
      summary: 'Forget what was sent to webhooks long ago',
      cron: '47 3 * * *',
      run: () => untilNothingIsLeft(() => this.deliveries.purge(LOG_KEPT_S)),
    });
  }
}

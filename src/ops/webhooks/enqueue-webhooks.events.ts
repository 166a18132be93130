import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { orderingKeyOf } from '../../platform/event-map.js';
import { OutboxRelay } from '../../platform/outbox/outbox-relay.js';
import { DeliverWebhooks } from './deliver-webhooks.job.js';
import { bodyOf, PUBLIC_EVENTS, type PublicEvent } from './public-events.js';
import { WebhookDeliveriesRepository } from './webhook-deliveries.repository.js';

/** Turns public events into deliveries, one for each endpoint that wants them. */
@Injectable()
export class EnqueueWebhooks implements OnModuleInit {
  constructor(
    @Inject(Clock) private readonly clock: Clock,
    @Inject(OutboxRelay) private readonly relay: OutboxRelay,
    @Inject(WebhookDeliveriesRepository) private readonly deliveries: WebhookDeliveriesRepository,
    @Inject(DeliverWebhooks) private readonly deliver: DeliverWebhooks,
  ) {}

  onModuleInit(): void {
    for (const event of PUBLIC_EVENTS) this.subscribe(event);
  }

  private subscribe(event: PublicEvent): void {
    this.relay.onBatch(event, 'send webhooks', async (payloads, eventIds) => {
      const nowMs = this.clock.nowMs();
      const enqueued = await this.deliveries.enqueue(
        payloads.map((payload, i) => ({
          eventId: eventIds[i] ?? '',
          event,
          orderingKey: orderingKeyOf(event, payload),
          body: bodyOf(event, payload, nowMs),
        })),
      );
      if (enqueued > 0) this.deliver.nudge();
    });
  }
}

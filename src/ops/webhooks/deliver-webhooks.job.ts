// Sends webhooks until they are accepted or given up. Each endpoint has its own pace: while some of its deliveries are
// under way, no more are claimed, so an endpoint that hangs delays no other.
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Logger } from 'pino';
import { ClaimLoop } from '../../platform/claim-loop.js';
import { CONFIG, type Config } from '../../platform/config.js';
import { LOGGER } from '../../platform/logging.js';
import { type DueWebhook, WebhookDeliveriesRepository } from './webhook-deliveries.repository.js';
import { WebhookEndpointsRepository } from './webhook-endpoints.repository.js';
import { WebhookSender } from './webhook-sender.js';

/** Longer than an attempt may take. Then other processes take over those of a killed one. */
const CLAIM_MS = 30_000;
const FIRST_DELAY_MS = 5_000;
const MAX_DELAY_MS = 12 * 3_600_000;
/** With these delays: about a day and a half. */
const MAX_ATTEMPTS = 16;
const GONE = 410;

@Injectable()
export class DeliverWebhooks implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly busy = new Set<string>();
  private readonly loop: ClaimLoop<DueWebhook>;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) logger: Logger,
    @Inject(WebhookDeliveriesRepository) private readonly deliveries: WebhookDeliveriesRepository,
    @Inject(WebhookEndpointsRepository) private readonly endpoints: WebhookEndpointsRepository,
    @Inject(WebhookSender) private readonly sender: WebhookSender,
  ) {
    const claim = () => this.deliveries.claim([...this.busy], CLAIM_MS);
    this.loop = new ClaimLoop('queue of webhooks', claim, (webhooks) => this.deliver(webhooks), logger);
  }

  onApplicationBootstrap(): void {
    if (this.config.ROLE !== 'api') this.loop.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop.stop();
  }

  nudge(): void {
    this.loop.nudge();
  }

  private async deliver(webhooks: readonly DueWebhook[]): Promise<void> {
    const byEndpoint = Map.groupBy(webhooks, ({ endpointId }) => endpointId);
    await Promise.all([...byEndpoint].map(([endpointId, some]) => this.deliverTo(endpointId, some)));
  }

  private async deliverTo(endpointId: string, webhooks: readonly DueWebhook[]): Promise<void> {
    this.busy.add(endpointId);
    try {
      await Promise.all(webhooks.map((webhook) => this.deliverOne(webhook)));
    } finally {
      this.busy.delete(endpointId);
    }
  }

  private async deliverOne(webhook: DueWebhook): Promise<void> {
    const outcome = await this.sender.send(webhook);
    if (outcome.error === null) return this.deliveries.noteDelivered(webhook.id, outcome);
    const delayMs = webhook.attempts < MAX_ATTEMPTS ? delayAfter(webhook.attempts) : undefined;
    await this.deliveries.noteFailed(webhook.id, outcome, delayMs);
    if (outcome.status === GONE) await this.endpoints.disable(webhook.endpointId, 'it answered 410 Gone');
  }
}

/** Doubling, with jitter: what failed together does not come back together. */
function delayAfter(attempts: number): number {
  return Math.min(FIRST_DELAY_MS * 2 ** (attempts - 1), MAX_DELAY_MS) * (0.75 + Math.random() / 2);
}

// A webhook only says that something has happened to a payment; the provider is then asked for its state. So it does not
// matter in which order webhooks come, how often, or whether at all: recovery asks as well.
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { AppError, notFound, unavailable } from '../../../platform/errors.js';
import { LOGGER } from '../../../platform/logging.js';
import { FollowPayment } from '../../placing/follow-payment.js';
import { AttemptsRepository } from '../attempts.repository.js';
import type { WebhookHeaders } from '../payment-provider.js';
import { PaymentProviders } from '../payment-providers.js';
import { type ReceivedWebhook, WebhooksRepository } from './webhooks.repository.js';

@Injectable()
export class TakeWebhook {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(PaymentProviders) private readonly providers: PaymentProviders,
    @Inject(WebhooksRepository) private readonly webhooks: WebhooksRepository,
    @Inject(AttemptsRepository) private readonly attempts: AttemptsRepository,
    @Inject(FollowPayment) private readonly followPayment: FollowPayment,
  ) {}

  /**
   * Carries a webhook out, once. One about a payment that is not ours is recorded and left: repeating it would not help.
   * @throws AppError `not_found` for an unknown provider, `webhook_refused` when its signature is wrong,
   *   `unavailable` when it cannot be carried out now: the provider sends it again
   */
  async take(providerName: string, body: Buffer, headers: WebhookHeaders): Promise<void> {
    const provider = this.providers.find(providerName);
    if (!provider) throw notFound('This payment provider');
    const reading = await provider.readWebhook(body, headers);
    if (reading.kind === 'refused') throw new AppError('webhook_refused', { detail: reading.reason });
    const webhook = { provider: provider.name, eventId: reading.id, paymentKey: reading.payment ?? null };
    if (!(await this.webhooks.record(webhook))) return;
    await this.carryOut(webhook);
    await this.webhooks.markProcessed(webhook);
  }

  private async carryOut({ provider, eventId, paymentKey }: ReceivedWebhook): Promise<void> {
    const attempt = paymentKey === null ? undefined : await this.attempts.find(paymentKey);
    if (attempt?.provider !== provider) {
      this.logger.warn({ provider, eventId, paymentKey }, 'a webhook is about a payment that is not known here');
      return;
    }
    try {
      await this.followPayment.follow(attempt);
    } catch (error) {
      this.logger.warn({ err: error, provider, eventId, paymentKey }, 'a webhook could not be carried out now');
      throw unavailable('What the webhook is about', 10, error);
    }
  }
}

import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { LOGGER } from '../../platform/logging.js';
import { AttemptsRepository } from '../payments/attempts.repository.js';
import { PaymentProviders } from '../payments/payment-providers.js';
import { NoteCaptured } from './note-captured.js';

/** Takes the money of a placed order. The provider takes it once per key, so repeating it changes nothing. */
@Injectable()
export class CapturePayment {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(AttemptsRepository) private readonly attempts: AttemptsRepository,
    @Inject(PaymentProviders) private readonly providers: PaymentProviders,
    @Inject(NoteCaptured) private readonly noteCaptured: NoteCaptured,
  ) {}

  /** @throws Error when the provider did not tell the outcome: the outbox tries again */
  async capture(attemptId: string): Promise<void> {
    const attempt = await this.attempts.get(attemptId);
    const provider = this.providers.get(attempt.provider);
    if (attempt.state !== 'placed' || provider.captures === 'by_hand') return;
    const status = await provider.capture(attempt.id, attempt.amountMinor, this.providers.deadline());
    if (status.kind === 'captured') return this.noteCaptured.note(attempt);
    if (status.kind === 'authorized') throw new Error(`The provider has not captured ${attempt.id} yet.`);
    // An order without money is nothing that trying again could mend.
    const reason = `The order is placed, but the provider could not capture its payment: it is ${status.kind}.`;
    await this.attempts.move(undefined, attempt, ['placed'], { state: 'review', review: { of: 'placed', reason } });
    this.logger.error({ attemptId, status: status.kind }, 'a payment is in review: a person must look at it');
  }
}

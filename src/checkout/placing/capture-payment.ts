import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { LOGGER } from '../../platform/logging.js';
import type { Attempt } from '../payments/attempt.js';
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

  /**
   * @returns whether the money was taken by this call; the copy of its session is then written
   * @throws Error when the provider did not tell the outcome: the outbox tries again
   */
  async capture(attemptId: string): Promise<boolean> {
    const attempt = await this.attempts.get(attemptId);
    const isByHand = this.providers.get(attempt.provider).captures === 'by_hand';
    return attempt.state === 'placed' && !isByHand && this.captureNow(attempt);
  }

  /** The same for an attempt whose order is placed, also in review: it stays there until the provider has captured. */
  async captureNow(attempt: Attempt): Promise<boolean> {
    const provider = this.providers.get(attempt.provider);
    const status = await provider.capture(attempt.id, attempt.amountMinor, this.providers.deadline());
    if (status.kind === 'captured') return this.noteCaptured.note(attempt);
    if (status.kind === 'authorized') throw new Error(`The provider has not captured ${attempt.id} yet.`);
    // Trying again cannot mend an order without money.
    const reason = `The order is placed, but the provider could not capture its payment: it is ${status.kind}.`;
    const inReview = { state: 'review', review: { of: 'placed', reason } } as const;
    await this.attempts.move(undefined, attempt, ['placed', 'review'], inReview);
    this.logger.error(
      { attemptId: attempt.id, status: status.kind },
      'a payment is in review: a person must look at it',
    );
    return false;
  }
}

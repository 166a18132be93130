import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { LOGGER } from '../../platform/logging.js';
import type { Attempt } from '../payments/attempt.js';
import type { AttemptState } from '../payments/attempt-states.js';
import { AttemptsRepository } from '../payments/attempts.repository.js';
import type { PaymentProvider } from '../payments/payment-provider.js';
import { PaymentProviders } from '../payments/payment-providers.js';

/** The one refund that gives back what was captured without an order. */
const REFUND_KEY = 'void';

/** Gives the money of an attempt back, authorized or captured, and notes that it is done. Repeating it changes nothing. */
@Injectable()
export class VoidPayment {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(AttemptsRepository) private readonly attempts: AttemptsRepository,
    @Inject(PaymentProviders) private readonly providers: PaymentProviders,
  ) {}

  /** The same for an attempt that is still in one of these states. @throws Error as `void`; recovery tries again then */
  async begin(attempt: Attempt, from: readonly AttemptState[]): Promise<void> {
    if (!(await this.attempts.move(undefined, attempt, from, { state: 'voiding' }))) return;
    await this.void({ ...attempt, state: 'voiding' });
  }

  /** @throws Error when the provider did not confirm: the caller tries again. */
  async void(attempt: Attempt): Promise<void> {
    const reason = await this.giveBack(attempt, this.providers.get(attempt.provider));
    if (reason === undefined) {
      await this.attempts.move(undefined, attempt, ['voiding'], { state: 'voided' });
      return;
    }
    await this.attempts.move(undefined, attempt, ['voiding'], { state: 'review', review: { of: 'voiding', reason } });
    this.logger.error({ attemptId: attempt.id, reason }, 'a payment is in review: a person must look at it');
  }

  /** @returns why it could not be given back, undefined when it is */
  private async giveBack({ id: key, amountMinor }: Attempt, provider: PaymentProvider): Promise<string | undefined> {
    const status = await provider.void(key, this.providers.deadline());
    if (status.kind === 'voided' || status.kind === 'declined') return undefined;
    if (status.kind !== 'captured') return `The provider did not void the payment: it is ${status.kind}.`;
    const leftMinor = amountMinor - status.refundedMinor;
    if (leftMinor <= 0) return undefined;
    const refund = { key, refundKey: REFUND_KEY, amountMinor: leftMinor };
    const refunded = await provider.refund(refund, this.providers.deadline());
    return refunded.kind === 'refused'
      ? `The payment was captured, and its refund refused: ${refunded.reason}`
      : undefined;
  }
}

import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { LOGGER } from '../../platform/logging.js';
import type { Attempt } from '../payments/attempt.js';
import { AttemptsRepository } from '../payments/attempts.repository.js';
import type { PaymentStatus } from '../payments/payment-provider.js';
import { PaymentProviders } from '../payments/payment-providers.js';
import { AwaitCustomer, type Waiting } from './await-customer.js';
import { SettleAttempt, type Settlement } from './settle-attempt.js';

export type PaymentOutcome =
  | Settlement
  | Extract<Waiting, { kind: 'action_required' }>
  /** The provider cannot even be asked: recovery will. */
  | { readonly kind: 'unknown' };

/** Asks the provider for the money and settles the attempt. An unknown outcome is looked up, never guessed. */
@Injectable()
export class PayAttempt {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(AttemptsRepository) private readonly attempts: AttemptsRepository,
    @Inject(PaymentProviders) private readonly providers: PaymentProviders,
    @Inject(AwaitCustomer) private readonly awaitCustomer: AwaitCustomer,
    @Inject(SettleAttempt) private readonly settleAttempt: SettleAttempt,
  ) {}

  async pay(attempt: Attempt, token: string): Promise<PaymentOutcome> {
    const { id: key, amountMinor, currency } = attempt;
    const provider = this.providers.get(attempt.provider);
    const charge = { key, amountMinor, currency, token };
    const status = await this.known(attempt, () => provider.authorize(charge, this.providers.deadline()));
    return status ? this.settleOrWait(attempt, status) : this.ask(attempt);
  }

  /** Settles an attempt whose payment was, or may have been, requested before. */
  async ask(attempt: Attempt): Promise<PaymentOutcome> {
    const provider = this.providers.get(attempt.provider);
    const status = await this.known(attempt, () => provider.fetch(attempt.id, this.providers.deadline()));
    return status ? this.settleOrWait(attempt, status) : { kind: 'unknown' };
  }

  /** Goes on with the payment of a checkout that waits for its customer, for the request with this key. */
  async resume(checkoutId: string, idempotencyKey: string): Promise<PaymentOutcome> {
    const waiting = await this.attempts.findWaiting(checkoutId);
    return waiting?.idempotencyKey === idempotencyKey ? this.ask(waiting) : { kind: 'unknown' };
  }

  /** Gives up a payment that waits for its customer: the customer has come back to pay in another way. */
  async giveUpWaiting(checkoutId: string): Promise<void> {
    const waiting = await this.attempts.findWaiting(checkoutId);
    if (waiting) await this.settleAttempt.abandon(waiting);
  }

  private async settleOrWait(attempt: Attempt, status: PaymentStatus): Promise<PaymentOutcome> {
    if (status.kind !== 'requires_action') return this.settleAttempt.settle(attempt, status);
    const waiting = await this.awaitCustomer.wait(attempt, status.action);
    return waiting.kind === 'overdue' ? this.settleAttempt.abandon(attempt) : waiting;
  }

  private async known(attempt: Attempt, call: () => Promise<PaymentStatus>): Promise<PaymentStatus | undefined> {
    try {
      return await call();
    } catch (error) {
      this.logger.warn({ err: error, attemptId: attempt.id }, 'a payment provider did not tell the outcome');
      return undefined;
    }
  }
}

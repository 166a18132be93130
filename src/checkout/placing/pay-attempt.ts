import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { LOGGER } from '../../platform/logging.js';
import type { Attempt } from '../payments/attempt.js';
import type { PaymentStatus } from '../payments/payment-provider.js';
import { PaymentProviders } from '../payments/payment-providers.js';
import { SettleAttempt, type Settlement } from './settle-attempt.js';

/** Asks the provider for the money and settles the attempt. An unknown outcome is asked for, never guessed. */
@Injectable()
export class PayAttempt {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(PaymentProviders) private readonly providers: PaymentProviders,
    @Inject(SettleAttempt) private readonly settleAttempt: SettleAttempt,
  ) {}

  /** @returns `unknown` when the provider cannot even be asked: recovery will. */
  async pay(attempt: Attempt, token: string): Promise<Settlement | { kind: 'unknown' }> {
    const { id: key, amountMinor, currency } = attempt;
    const provider = this.providers.get(attempt.provider);
    const charge = { key, amountMinor, currency, token };
    const status = await this.known(attempt, () => provider.authorize(charge, this.providers.deadline()));
    return status ? this.settleAttempt.settle(attempt, status) : this.ask(attempt);
  }

  /** Settles an attempt whose payment was, or may have been, requested before. */
  async ask(attempt: Attempt): Promise<Settlement | { kind: 'unknown' }> {
    const provider = this.providers.get(attempt.provider);
    const status = await this.known(attempt, () => provider.fetch(attempt.id, this.providers.deadline()));
    return status ? this.settleAttempt.settle(attempt, status) : { kind: 'unknown' };
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

import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { Database, type Tx } from '../../platform/database/database.js';
import { LOGGER } from '../../platform/logging.js';
import { OrdersRepository } from '../orders/orders.repository.js';
import type { Attempt } from '../payments/attempt.js';
import { AttemptsRepository } from '../payments/attempts.repository.js';
import { PaymentProviders } from '../payments/payment-providers.js';
import { CheckoutSessionsRepository } from '../session/checkout-sessions.repository.js';

/** Takes the money of a placed order. The provider takes it once per key, so repeating it changes nothing. */
@Injectable()
export class CapturePayment {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(Database) private readonly database: Database,
    @Inject(AttemptsRepository) private readonly attempts: AttemptsRepository,
    @Inject(OrdersRepository) private readonly orders: OrdersRepository,
    @Inject(CheckoutSessionsRepository) private readonly sessions: CheckoutSessionsRepository,
    @Inject(PaymentProviders) private readonly providers: PaymentProviders,
  ) {}

  /** @throws Error when the provider did not tell the outcome: the outbox tries again */
  async capture(attemptId: string): Promise<void> {
    const attempt = await this.attempts.get(attemptId);
    if (attempt.state !== 'placed') return;
    const provider = this.providers.get(attempt.provider);
    const status = await provider.capture(attempt.id, attempt.amountMinor, this.providers.deadline());
    if (status.kind === 'captured') return this.database.transaction((tx) => this.noteCaptured(tx, attempt));
    if (status.kind === 'authorized') throw new Error(`The provider has not captured ${attempt.id} yet.`);
    // An order without money is nothing that trying again could mend.
    await this.attempts.move(undefined, attempt, ['placed'], { state: 'review' });
    this.logger.error(
      { attemptId, status: status.kind },
      'a placed order could not be captured: a person must look at it',
    );
  }

  private async noteCaptured(tx: Tx, attempt: Attempt): Promise<void> {
    if (!(await this.attempts.move(tx, attempt, ['placed'], { state: 'captured' }))) return;
    await this.orders.markCaptured(tx, attempt.orderId);
    await this.sessions.concludeAttempt(tx, attempt, ['placed'], { state: 'captured' });
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { OrdersRepository } from '../orders/orders.repository.js';
import type { Attempt } from '../payments/attempt.js';
import { AttemptsRepository } from '../payments/attempts.repository.js';
import type { CheckoutSession } from '../session/checkout-session.js';
import { CheckoutSessionsRepository } from '../session/checkout-sessions.repository.js';

/** Writes that the money of one order has been taken, in a transaction of its own, which waits for whoever has its rows. */
@Injectable()
export class NoteCapturedAlone {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(AttemptsRepository) private readonly attempts: AttemptsRepository,
    @Inject(OrdersRepository) private readonly orders: OrdersRepository,
    @Inject(CheckoutSessionsRepository) private readonly sessions: CheckoutSessionsRepository,
  ) {}

  /** @returns the session as it is now; null when it, or the attempt, had moved on */
  async note(attempt: Attempt): Promise<CheckoutSession | null> {
    // Who has read it as placed knows nothing of why it is in review: the order was cancelled, or a bank disputes the payment.
    const from = [attempt.state === 'review' ? 'review' : 'placed'] as const;
    return this.database.transaction(async (tx) => {
      if (!(await this.attempts.move(tx, attempt, from, { state: 'captured' }))) return null;
      await this.orders.markCaptured(tx, attempt.orderId);
      return (await this.sessions.concludeAttempt(tx, attempt, ['placed'], { state: 'captured' })) ?? null;
    });
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { OrdersRepository } from '../orders/orders.repository.js';
import type { Attempt } from '../payments/attempt.js';
import { AttemptsRepository } from '../payments/attempts.repository.js';
import type { CheckoutSession } from '../session/checkout-session.js';
import { CheckoutSessionsRepository } from '../session/checkout-sessions.repository.js';

/** Writes that the money of one order has been taken, in its own transaction, which waits for locked rows. */
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
    // A reader who saw `placed` must not move `review`: it does not know why (a cancelled order, a disputed payment).
    const from = [attempt.state === 'review' ? 'review' : 'placed'] as const;
    return this.database.transaction(async (tx) => {
      if (!(await this.attempts.move(tx, attempt, from, { state: 'captured' }))) return null;
      await this.orders.markCaptured(tx, attempt.orderId);
      return (await this.sessions.concludeAttempt(tx, attempt, ['placed'], { state: 'captured' })) ?? null;
    });
  }
}

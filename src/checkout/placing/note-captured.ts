import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { OrdersRepository } from '../orders/orders.repository.js';
import type { Attempt } from '../payments/attempt.js';
import { AttemptsRepository } from '../payments/attempts.repository.js';
import { CheckoutSessionsRepository } from '../session/checkout-sessions.repository.js';

/** Writes that the money of a placed order has been taken: attempt, order and session, in one transaction. */
@Injectable()
export class NoteCaptured {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(AttemptsRepository) private readonly attempts: AttemptsRepository,
    @Inject(OrdersRepository) private readonly orders: OrdersRepository,
    @Inject(CheckoutSessionsRepository) private readonly sessions: CheckoutSessionsRepository,
  ) {}

  async note(attempt: Attempt): Promise<void> {
    await this.database.transaction(async (tx) => {
      if (!(await this.attempts.move(tx, attempt, ['placed', 'review'], { state: 'captured' }))) return;
      await this.orders.markCaptured(tx, attempt.orderId);
      await this.sessions.concludeAttempt(tx, attempt, ['placed'], { state: 'captured' });
    });
  }
}

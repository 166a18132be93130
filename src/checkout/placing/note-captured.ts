import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { SharedStatement } from '../../platform/database/shared-statement.js';
import { OrdersRepository } from '../orders/orders.repository.js';
import type { Attempt } from '../payments/attempt.js';
import { AttemptsRepository } from '../payments/attempts.repository.js';
import { CheckoutSessionsRepository } from '../session/checkout-sessions.repository.js';
import { CapturesRepository } from './captures.repository.js';

/** Writes that the money of placed orders has been taken: attempt, order and session of each, all of it or nothing. */
@Injectable()
export class NoteCaptured {
  private readonly notes;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(AttemptsRepository) private readonly attempts: AttemptsRepository,
    @Inject(OrdersRepository) private readonly orders: OrdersRepository,
    @Inject(CheckoutSessionsRepository) private readonly sessions: CheckoutSessionsRepository,
    @Inject(CapturesRepository) captures: CapturesRepository,
  ) {
    this.notes = new SharedStatement<Attempt, true>(
      async (items) => {
        const noted = await captures.note(items);
        return items.map(({ id }) => noted.has(id) || undefined);
      },
      (attempt) => this.noteAlone(attempt).then(() => true),
    );
  }

  async note(attempt: Attempt): Promise<void> {
    await this.notes.run(attempt);
  }

  private async noteAlone(attempt: Attempt): Promise<void> {
    await this.database.transaction(async (tx) => {
      if (!(await this.attempts.move(tx, attempt, ['placed', 'review'], { state: 'captured' }))) return;
      await this.orders.markCaptured(tx, attempt.orderId);
      await this.sessions.concludeAttempt(tx, attempt, ['placed'], { state: 'captured' });
    });
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { OrdersRepository } from '../orders/orders.repository.js';
import { AttemptsRepository } from '../payments/attempts.repository.js';
import { PaymentProviders } from '../payments/payment-providers.js';
import { SyncSession } from './sync-session.js';

/** Takes the money of a placed order. The provider takes it once per key, so repeating it changes nothing. */
@Injectable()
export class CapturePayment {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(AttemptsRepository) private readonly attempts: AttemptsRepository,
    @Inject(OrdersRepository) private readonly orders: OrdersRepository,
    @Inject(PaymentProviders) private readonly providers: PaymentProviders,
    @Inject(SyncSession) private readonly syncSession: SyncSession,
  ) {}

  /** @throws Error when the provider did not confirm: the outbox tries again. */
  async capture(attemptId: string): Promise<void> {
    const attempt = await this.attempts.get(attemptId);
    if (attempt.state === 'placed') {
      const provider = this.providers.get(attempt.provider);
      const status = await provider.capture(attempt.id, attempt.amountMinor, this.providers.deadline());
      if (status.kind !== 'captured') throw new Error(`The provider says ${status.kind} to capturing ${attempt.id}.`);
      await this.database.transaction(async (tx) => {
        if (await this.attempts.move(tx, attempt, ['placed'], { state: 'captured' })) {
          await this.orders.markCaptured(tx, attempt.orderId);
        }
      });
    }
    await this.syncSession.capturedAgain(attempt);
  }
}

import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { InventoryService } from '../../inventory/index.js';
import { OutboxRelay } from '../../platform/outbox/outbox-relay.js';
import { AttemptsRepository } from '../payments/attempts.repository.js';
import { CheckoutSessionStore } from '../session/checkout-session.store.js';
import { VoidPayment } from './void-payment.js';

/** What follows from a payment without an order. Each subscriber may be called again and ends in the same state. */
@Injectable()
export class PaymentEndedEvents implements OnModuleInit {
  constructor(
    @Inject(OutboxRelay) private readonly relay: OutboxRelay,
    @Inject(AttemptsRepository) private readonly attempts: AttemptsRepository,
    @Inject(VoidPayment) private readonly voidPayment: VoidPayment,
    @Inject(CheckoutSessionStore) private readonly sessions: CheckoutSessionStore,
    @Inject(InventoryService) private readonly inventory: InventoryService,
  ) {}

  onModuleInit(): void {
    this.relay.on('payment.ended', 'void the authorization', async ({ attemptId }) => {
      const attempt = await this.attempts.get(attemptId);
      if (attempt.state === 'voiding') await this.voidPayment.void(attempt);
    });
    this.relay.on('payment.ended', 'copy the session', async ({ checkoutId }) => {
      const session = await this.sessions.republishCopy(checkoutId);
      if (session?.state === 'expired')
        await this.inventory.release(checkoutId, session.quote.lines, 'checkout expired');
    });
  }
}

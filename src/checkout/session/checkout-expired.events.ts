import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { InventoryService } from '../../inventory/index.js';
import { OutboxRelay } from '../../platform/outbox/outbox-relay.js';
import { CheckoutSessionStore } from './checkout-session.store.js';

/** What follows from a checkout that nobody paid: its copy is written, its hold given back. */
@Injectable()
export class CheckoutExpiredEvents implements OnModuleInit {
  constructor(
    @Inject(OutboxRelay) private readonly relay: OutboxRelay,
    @Inject(CheckoutSessionStore) private readonly sessions: CheckoutSessionStore,
    @Inject(InventoryService) private readonly inventory: InventoryService,
  ) {}

  onModuleInit(): void {
    this.relay.on('checkout.expired', 'give the hold back', async ({ checkoutId }) => {
      const session = await this.sessions.republishCopy(checkoutId);
      if (session) await this.inventory.release(checkoutId, session.quote.lines, 'checkout expired');
    });
  }
}

import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { CartService } from '../../cart/index.js';
import { InventoryService } from '../../inventory/index.js';
import { OutboxRelay } from '../../platform/outbox/outbox-relay.js';
import { CheckoutSessionStore } from '../session/checkout-session.store.js';
import { CapturePayment } from './capture-payment.js';

/** What follows from a placed order. Each subscriber may be called again and ends in the same state. */
@Injectable()
export class OrderPlacedEvents implements OnModuleInit {
  constructor(
    @Inject(OutboxRelay) private readonly relay: OutboxRelay,
    @Inject(InventoryService) private readonly inventory: InventoryService,
    @Inject(CartService) private readonly carts: CartService,
    @Inject(CapturePayment) private readonly capturePayment: CapturePayment,
    @Inject(CheckoutSessionStore) private readonly sessions: CheckoutSessionStore,
  ) {}

  onModuleInit(): void {
    this.relay.on('order.placed', 'commit the hold', ({ orderId, checkoutId }) =>
      this.inventory.commitOrder(orderId, checkoutId),
    );
    this.relay.on('order.placed', 'close the cart', ({ cartId, orderId }) => this.carts.markOrdered(cartId, orderId));
    this.relay.on('order.placed', 'capture the payment', async ({ attemptId, checkoutId }) => {
      let isPublished = false;
      try {
        isPublished = await this.capturePayment.capture(attemptId);
      } finally {
        // The process that placed the order may have ended before it wrote the copy of the session.
        if (!isPublished) await this.sessions.republishCopy(checkoutId);
      }
    });
  }
}

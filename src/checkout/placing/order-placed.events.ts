import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { CartService } from '../../cart/index.js';
import { InventoryService } from '../../inventory/index.js';
import { OutboxRelay } from '../../platform/outbox/outbox-relay.js';
import { CapturePayment } from './capture-payment.js';

/** What follows from a placed order. Each subscriber may be called again and ends in the same state. */
@Injectable()
export class OrderPlacedEvents implements OnModuleInit {
  constructor(
    @Inject(OutboxRelay) private readonly relay: OutboxRelay,
    @Inject(InventoryService) private readonly inventory: InventoryService,
    @Inject(CartService) private readonly carts: CartService,
    @Inject(CapturePayment) private readonly capturePayment: CapturePayment,
  ) {}

  onModuleInit(): void {
    this.relay.on('order.placed', 'commit the hold', (event) =>
      this.inventory.commitOrder(event.orderId, event.checkoutId),
    );
    this.relay.on('order.placed', 'close the cart', (event) => this.carts.markOrdered(event.cartId, event.orderId));
    this.relay.on('order.placed', 'capture the payment', (event) => this.capturePayment.capture(event.attemptId));
  }
}

import { Inject, Injectable } from '@nestjs/common';
import type { RequestCustomer } from '../../customers/index.js';
import { InventoryService } from '../../inventory/index.js';
import { CONFIG, type Config } from '../../platform/config.js';
import { AppError } from '../../platform/errors.js';
import { closed, requireOpen } from '../checkout-errors.js';
import { holdTimeOfPayment } from '../payments/promised-holds.js';
import type { CheckoutSession } from '../session/checkout-session.js';
import { CheckoutSessionStore } from '../session/checkout-session.store.js';
import { OrderableCart } from '../session/orderable-cart.js';

/** Checks that a checkout can be paid, and makes its hold outlive the payment and a recovery after a crash. */
@Injectable()
export class PrepareCheckout {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(OrderableCart) private readonly orderableCart: OrderableCart,
    @Inject(InventoryService) private readonly inventory: InventoryService,
    @Inject(CheckoutSessionStore) private readonly sessions: CheckoutSessionStore,
  ) {}

  /**
   * @returns the session, from PostgreSQL if the copy that was read cannot be paid
   * @throws AppError `hold_expired`, `checkout_incomplete`, `checkout_closed`, `checkout_in_progress`, `cart_ordered`
   */
  async forPayment(read: CheckoutSession, customer: RequestCustomer | undefined): Promise<CheckoutSession> {
    const session = await this.open(read);
    await this.requireCart(session, customer);
    const ttlMs = holdTimeOfPayment(this.config);
    const maxTotalMs = this.config.CHECKOUT_TTL_S * 1_000;
    const extended = await this.inventory.extend(session.id, { ttlMs, maxTotalMs, lines: session.quote.lines });
    if (extended.kind === 'resolved') throw closed(await this.sessions.getCurrent(session.id));
    if (extended.kind === 'expired') {
      throw new AppError('hold_expired', {
        detail: 'The stock was held too long and others have taken it. Nothing was charged. Begin a new checkout.',
        extra: { lines: extended.lines },
      });
    }
    return session;
  }

  /** A copy alone is not enough to refuse. */
  private async open(read: CheckoutSession): Promise<CheckoutSession> {
    try {
      requirePayable(read);
      return read;
    } catch {
      const current = await this.sessions.getCurrent(read.id);
      requirePayable(current);
      return current;
    }
  }

  /** A cart that was merged into another at login is paid from there, or its lines would be bought twice. */
  private async requireCart(session: CheckoutSession, customer: RequestCustomer | undefined): Promise<void> {
    try {
      await this.orderableCart.find(session.cartId, customer);
    } catch (error) {
      // The cart may have been ordered through this very checkout: PostgreSQL knows.
      requireOpen(await this.sessions.getCurrent(session.id));
      if (!(error instanceof AppError && error.code === 'not_found')) throw error;
      throw new AppError('checkout_closed', {
        detail:
          'The cart of this checkout was merged into another. Nothing was charged. Begin a new checkout from that cart.',
      });
    }
  }
}

/** @throws AppError also when it has a shipping method and no address */
function requirePayable(session: CheckoutSession): void {
  requireOpen(session);
  if (session.shippingMethodId === undefined || session.shippingAddress) return;
  throw new AppError('checkout_incomplete', {
    detail:
      'The checkout has a shipping method and no shipping address. Nothing was charged. Set shippingAddress first.',
    errors: [{ field: 'shippingAddress', code: 'required', text: 'is required with a shipping method' }],
  });
}

import { Inject, Injectable } from '@nestjs/common';
import { type Cart, CartService } from '../../cart/index.js';
import type { RequestCustomer } from '../../customers/index.js';
import { InventoryService } from '../../inventory/index.js';
import { CONFIG, type Config } from '../../platform/config.js';
import { AppError } from '../../platform/errors.js';
import { newSecretId } from '../../platform/ids.js';
import type { OpenCheckoutRequest } from '../checkout.dto.js';
import { outOfStock } from '../checkout-errors.js';
import type { CheckoutSession } from './checkout-session.js';
import { CheckoutSessionStore } from './checkout-session.store.js';
import { QuoteCheckout } from './quote-checkout.js';
import { SupersedeCheckout } from './supersede-checkout.js';

/** Turns a cart into a checkout: prices it, sets its stock aside, keeps the session. */
@Injectable()
export class OpenCheckout {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CartService) private readonly carts: CartService,
    @Inject(QuoteCheckout) private readonly quoteCheckout: QuoteCheckout,
    @Inject(SupersedeCheckout) private readonly supersedeCheckout: SupersedeCheckout,
    @Inject(InventoryService) private readonly inventory: InventoryService,
    @Inject(CheckoutSessionStore) private readonly sessions: CheckoutSessionStore,
  ) {}

  /** @throws AppError `not_found`, `cart_empty`, `cart_ordered`, `out_of_stock`, `checkout_in_progress` */
  async open(request: OpenCheckoutRequest, customer: RequestCustomer | undefined): Promise<CheckoutSession> {
    const cart = await this.carts.get(request.cartId, customer);
    requireOrderable(cart);
    const quote = await this.quoteCheckout.quote(cart);
    const id = newSecretId();
    await this.supersedeCheckout.ofCart(cart.id, id, quote.lines);
    const holdExpiresAtMs = await this.reserve(id, cart);
    const { email } = request;
    return this.sessions.create({
      id,
      state: 'reserved',
      cartId: cart.id,
      ...(cart.customerId && { customerId: cart.customerId }),
      ...(email && { email }),
      discountCodes: [...cart.discountCodes],
      quote,
      holdExpiresAtMs,
    });
  }

  /** @returns when the hold ends, ms since the epoch */
  private async reserve(holdId: string, { lines }: Cart): Promise<number> {
    const reserved = await this.inventory.reserve({ holdId, lines, ttlMs: this.config.HOLD_TTL_S * 1_000 });
    switch (reserved.kind) {
      case 'reserved':
        return reserved.expiresAtMs;
      case 'short':
        throw outOfStock(reserved.lines);
      case 'resolved':
      case 'conflict':
        // Another request has opened a checkout of this cart in between and given this one's hold back.
        throw new AppError('cart_changed', { detail: 'Another request opened a checkout of this cart. Use that one.' });
    }
  }
}

function requireOrderable(cart: Cart): void {
  if (cart.orderId) throw new AppError('cart_ordered', { extra: { orderId: cart.orderId } });
  if (cart.lines.length === 0) throw new AppError('cart_empty', { detail: 'Put something into the cart first.' });
}

import { Inject, Injectable } from '@nestjs/common';
import type { Cart } from '../../cart/index.js';
import type { RequestCustomer } from '../../customers/index.js';
import { AppError } from '../../platform/errors.js';
import { newSecretId } from '../../platform/ids.js';
import type { OpenCheckoutRequest } from '../checkout.dto.js';
import type { CheckoutSession, Quote } from './checkout-session.js';
import { CheckoutSessionStore } from './checkout-session.store.js';
import { HoldCart } from './hold-cart.js';
import { OrderableCart } from './orderable-cart.js';
import { QuoteCheckout } from './quote-checkout.js';
import { SupersedeCheckout } from './supersede-checkout.js';

/** Turns a cart into a checkout: prices it, sets its stock aside, keeps the session. */
@Injectable()
export class OpenCheckout {
  constructor(
    @Inject(OrderableCart) private readonly orderableCart: OrderableCart,
    @Inject(QuoteCheckout) private readonly quoteCheckout: QuoteCheckout,
    @Inject(SupersedeCheckout) private readonly supersedeCheckout: SupersedeCheckout,
    @Inject(HoldCart) private readonly holdCart: HoldCart,
    @Inject(CheckoutSessionStore) private readonly sessions: CheckoutSessionStore,
  ) {}

  /** @throws AppError `not_found`, `cart_empty`, `cart_ordered`, `cart_changed`, `out_of_stock`, `price_changed`, `checkout_in_progress` */
  async open(request: OpenCheckoutRequest, customer: RequestCustomer | undefined): Promise<CheckoutSession> {
    const cart = await this.orderableCart.find(request.cartId, customer);
    const quote = await this.quoteCheckout.quote(cart);
    const takenOver = await this.holdCart.takeOver(cart);
    try {
      const opened = takenOver && (await this.openHeld(takenOver, cart, quote, request.email));
      // A cart may name a released hold, when Redis came back with an older cart: then it gets a new one.
      return opened || (await this.openNew(cart, quote, request.email));
    } catch (error) {
      if (takenOver) await this.holdCart.giveBack(takenOver, cart.lines);
      throw error;
    }
  }

  private async openNew(cart: Cart, quote: Quote, email: string | undefined): Promise<CheckoutSession> {
    const opened = await this.openHeld(newSecretId(), cart, quote, email);
    if (opened) return opened;
    // Another request has opened a checkout of this cart in between and given this one's hold back.
    throw new AppError('cart_changed', {
      detail: 'Another request opened a checkout of this cart. Use that one, or open another one now.',
      retryAfterS: 1,
    });
  }

  /** @returns undefined when the hold with this id was given back before */
  private async openHeld(
    id: string,
    cart: Cart,
    quote: Quote,
    email: string | undefined,
  ): Promise<CheckoutSession | undefined> {
    await this.supersedeCheckout.ofCart(cart.id, id, quote.lines);
    const holdExpiresAtMs = await this.holdCart.hold(id, cart.lines);
    if (holdExpiresAtMs === undefined) return undefined;
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
}

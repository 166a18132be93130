// Every change of a cart: read, check, change, compare the version and write. When another request wrote in between,
// the change is applied again to what it has written, so that two tabs that add something both get it.
import { Inject, Injectable } from '@nestjs/common';
import type { RequestCustomer } from '../customers/index.js';
import { CONFIG, type Config } from '../platform/config.js';
import { AppError, notFound } from '../platform/errors.js';
import { CartStore } from './cart.store.js';
import type { Cart, CartDocument } from './cart-document.js';
import { CartPricing } from './cart-pricing.service.js';
import { type CartChange, requireOpen } from './change-cart.js';
import type { ExpectedVersions } from './if-match.js';
import { requireQuantities } from './quantity-limit.js';
import type { CartQuote } from './quote-cart.js';
import { retryOnConflict } from './retry-on-conflict.js';

/** A cart and what it costs. */
export interface PricedCart {
  readonly cart: Cart;
  readonly quote: CartQuote;
}

export interface ChangeRequest {
  readonly cartId: string;
  readonly customer: RequestCustomer | undefined;
  /** From `If-Match`: the change is refused for any other version. */
  readonly expected?: ExpectedVersions;
}

@Injectable()
export class CartWriter {
  constructor(
    @Inject(CartStore) private readonly store: CartStore,
    @Inject(CartPricing) private readonly pricing: CartPricing,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** The cart, when it exists and is not somebody else's. @throws AppError `not_found` */
  async read(cartId: string, customer: RequestCustomer | undefined): Promise<Cart> {
    const cart = await this.store.find(cartId);
    if (!cart || (cart.customerId !== undefined && cart.customerId !== customer?.customerId)) {
      throw notFound('This cart');
    }
    return cart;
  }

  /**
   * Changes a cart for a client. It is priced before it is written, so what cannot be priced is not written. A change
   * that was made before is not made again, whatever version is expected.
   * @param check throws when the cart must not be written with these prices
   * @throws AppError `not_found`, `cart_ordered`, `precondition_failed`, `quantity_limit`, `cart_changed`, what `change` and `check` throw.
   */
  change(
    { cartId, customer, expected }: ChangeRequest,
    change: CartChange,
    check: (quote: CartQuote) => void = () => {},
  ): Promise<PricedCart> {
    return retryOnConflict(async () => {
      const cart = await this.read(cartId, customer);
      requireOpen(cart);
      const next = change(cart);
      if (next === cart) return { cart, quote: await this.pricing.quote(cart) };
      if (expected && !expected.includes(cart.version)) {
        throw new AppError('precondition_failed', { detail: `The cart has version ${cart.version}. Read it again.` });
      }
      requireQuantities(cart, next, this.config);
      const quote = await this.pricing.quote(next);
      check(quote);
      const written = await this.store.write(cart, next);
      return written && { cart: written, quote };
    });
  }

  /** @throws AppError `quantity_limit` when a new cart has more of a variant than may be bought */
  requireQuantities(cart: CartDocument): void {
    requireQuantities(undefined, cart, this.config);
  }

  /**
   * Changes a cart for the shop itself: whoever owns it, open or closed. `change` gives the cart it was given when
   * there is nothing to do. @returns the cart as it is then; undefined when there is none.
   */
  settle(cartId: string, change: (cart: Cart) => CartDocument): Promise<Cart | undefined> {
    return retryOnConflict(async () => {
      const cart = await this.store.find(cartId);
      if (!cart) return { missing: true };
      const next = change(cart);
      return next === cart ? cart : await this.store.write(cart, next);
    }).then((cart) => ('missing' in cart ? undefined : cart));
  }
}

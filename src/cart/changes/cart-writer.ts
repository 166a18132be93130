// Every change of a cart: read, check, change, compare the version and write. When another request wrote in between,
// the change is applied again to what it has written, so that two tabs can both add something.
import { Inject, Injectable } from '@nestjs/common';
import type { RequestCustomer } from '../../customers/index.js';
import { CONFIG, type Config } from '../../platform/config.js';
import { AppError, notFound } from '../../platform/errors.js';
import { newSecretId } from '../../platform/ids.js';
import { CartPricing } from '../cart-pricing.service.js';
import { CartStore } from '../documents/cart.store.js';
import { type Cart, type CartDocument, isOpen } from '../documents/cart-document.js';
import type { ExpectedVersions } from '../http/if-match.js';
import type { CartQuote } from '../quote-cart.js';
import { CartHolds } from './cart-holds.service.js';
import { type CartChange, requireOpen } from './change-cart.js';
import { requireQuantities } from './quantity-limit.js';
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
    @Inject(CartHolds) private readonly holds: CartHolds,
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
   * Changes a cart for a client. It is priced before it is written, so a cart that cannot be priced is not written. A change
   * that was made before is not made again, whatever version is expected.
   * @param check throws when the cart must not be written with these prices
   * @throws AppError `not_found`, `cart_ordered`, `precondition_failed`, `quantity_limit`, `out_of_stock`, `cart_changed`, what `change` and `check` throw.
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
      const written = await this.writeHeld(cart, next);
      return written && { cart: written, quote };
    });
  }

  /** Makes a cart, priced as `change` does. @throws AppError `quantity_limit`, `out_of_stock`, what `check` throws */
  async create(document: CartDocument, check: (quote: CartQuote) => void): Promise<PricedCart> {
    requireQuantities(undefined, document, this.config);
    const quote = await this.pricing.quote(document);
    check(quote);
    const cart = await this.store.create(newSecretId(), await this.holds.take(undefined, document), true);
    if (!cart) throw new Error('a new random cart id was taken');
    return { cart, quote };
  }

  /** Holds the lines as they are now, as far as there is stock: a merge has added some. */
  async holdAgain(cartId: string): Promise<void> {
    await retryOnConflict(async () => {
      const cart = await this.store.find(cartId);
      return cart && isOpen(cart) && !this.holds.isHeld(cart) ? this.writeHeld(cart, cart) : true;
    });
  }

  /** Gives the hold of a cart away: the cart then has none. @returns its id, when it holds exactly these lines */
  async handOverHold(cart: Cart): Promise<string | undefined> {
    if (!cart.hold) return undefined;
    let handedOver: string | undefined;
    const after = await this.settle(cart.id, (current) => {
      handedOver = current.version === cart.version && this.holds.isHeld(current) ? current.hold?.id : undefined;
      const { hold: _hold, ...rest } = current;
      return current.version === cart.version ? rest : current;
    });
    if (after && handedOver === undefined) await this.holds.giveBack(cart, after);
    return handedOver;
  }

  /** Gives back the hold of a cart whose lines have moved to another one. */
  async dropHold(cart: Cart): Promise<void> {
    if (!cart.hold) return;
    const after = await this.settle(cart.id, (current) => {
      const { hold, ...rest } = current;
      return hold ? rest : current;
    });
    await this.holds.giveBack(cart, after);
  }

  private async writeHeld(cart: Cart, next: CartDocument): Promise<Cart | undefined> {
    const held = await this.holds.take(cart, next);
    if (held === cart) return cart;
    const written = await this.store.write(cart, held);
    await (written ? this.holds.giveBack(cart, written) : this.holds.giveBack(held, cart));
    return written;
  }

  /**
   * Changes a cart for the shop itself: whoever owns it, open or closed. `change` returns its argument when there is nothing
   * to do. @returns the cart after it; undefined when there is none.
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

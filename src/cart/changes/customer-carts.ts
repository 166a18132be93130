// Which cart is a customer's current one: a document that points at it. The pointer is written before the cart it points at,
// so after a crash in between the next request makes the cart, under the same id.
import { Inject, Injectable } from '@nestjs/common';
import { newSecretId } from '../../platform/ids.js';
import { CartPricing } from '../cart-pricing.service.js';
import { CartStore } from '../documents/cart.store.js';
import { type Cart, emptyCart, isOpen } from '../documents/cart-document.js';
import { CustomerCartStore, type FoundPointer } from '../documents/customer-cart.store.js';
import { retryOnConflict } from './retry-on-conflict.js';

@Injectable()
export class CustomerCarts {
  constructor(
    @Inject(CartStore) private readonly carts: CartStore,
    @Inject(CustomerCartStore) private readonly pointers: CustomerCartStore,
    @Inject(CartPricing) private readonly pricing: CartPricing,
  ) {}

  /** The customer's open cart; a new, empty one when there is none. */
  current(customerId: string): Promise<Cart> {
    return retryOnConflict(async () => {
      const pointer = await this.pointers.find(customerId);
      const cart = pointer && (await this.reach(pointer, customerId));
      if (cart && isOpen(cart)) return cart;
      // A cart that is just being made by another request is looked for again; a closed one gets a successor.
      if (cart || !pointer) await this.pointers.write(customerId, pointer?.version ?? 0, await this.successor(cart));
      return undefined;
    });
  }

  /** Makes this cart the customer's current one. */
  async choose(customerId: string, cartId: string): Promise<void> {
    await retryOnConflict(async () => {
      const pointer = await this.pointers.find(customerId);
      return (await this.pointers.write(customerId, pointer?.version ?? 0, cartId)) || undefined;
    });
  }

  /** The cart that is pointed at, made when it does not exist; undefined when another request has just made it. */
  private async reach({ cartId, isPastRedis }: FoundPointer, customerId: string): Promise<Cart | undefined> {
    // Redis may have what PostgreSQL does not know, unless it was away when the cart got its id.
    const cart = await (isPastRedis ? this.carts.findPointedAt(cartId) : this.carts.find(cartId));
    return cart ?? (await this.carts.create(cartId, emptyCart(this.pricing.currencyOf(), customerId), false));
  }

  /** The id of the cart that a closed one was merged into, when that is open; else of a new one. */
  private async successor(closed: Cart | undefined): Promise<string> {
    const heir = closed?.mergedInto === undefined ? undefined : await this.carts.find(closed.mergedInto);
    return heir && isOpen(heir) && heir.customerId === closed?.customerId ? heir.id : newSecretId();
  }
}

import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { CustomersService, type RequestCustomer } from '../customers/index.js';
import { notFound } from '../platform/errors.js';
import { CartPricing } from './cart-pricing.service.js';
import { CartWriter, type PricedCart } from './changes/cart-writer.js';
import { CustomerCarts } from './changes/customer-carts.js';
import { type Merge, MergeCarts } from './changes/merge-carts.service.js';
import type { Cart } from './documents/cart-document.js';
import type { LinesToPrice, PriceSources } from './price-sold.js';
import type { CartQuote } from './quote-cart.js';

/** Carts, for the modules above. */
@Injectable()
export class CartService implements OnModuleInit {
  constructor(
    @Inject(CartWriter) private readonly writer: CartWriter,
    @Inject(CartPricing) private readonly pricing: CartPricing,
    @Inject(MergeCarts) private readonly merger: MergeCarts,
    @Inject(CustomerCarts) private readonly customerCarts: CustomerCarts,
    @Inject(CustomersService) private readonly customers: CustomersService,
  ) {}

  onModuleInit(): void {
    this.customers.onLogin(({ customerId, cartId }) => this.merger.mergeIntoCurrent(customerId, cartId));
  }

  /**
   * The cart with this id, open or ordered.
   * @throws AppError `not_found` when there is none, when it is another customer's, or when it was merged into another
   */
  async get(cartId: string, customer?: RequestCustomer): Promise<Cart> {
    const cart = await this.writer.read(cartId, customer);
    if (cart.mergedInto === undefined) return cart;
    await this.merger.resume(cart);
    throw notFound('This cart');
  }

  /** The cart with what it costs. @throws AppError as `get` does */
  async view(cartId: string, customer?: RequestCustomer): Promise<PricedCart> {
    return this.priced(await this.get(cartId, customer));
  }

  /** The customer's open cart with what it costs; a new, empty one when there is none. */
  async current(customerId: string): Promise<PricedCart> {
    return this.priced(await this.customerCarts.current(customerId));
  }

  /** Merges carts (see `MergeCarts.merge`). */
  async merge(merge: Merge): Promise<PricedCart> {
    return this.priced(await this.merger.merge(merge));
  }

  /** What the cart costs now, without shipping: from cached offers and rules, minor units of its currency. */
  quote(cart: Cart): Promise<CartQuote> {
    return this.pricing.quote(cart);
  }

  /** What the prices shown to customers are made from: cached offers and rules. */
  priceSources(lines: LinesToPrice): Promise<PriceSources> {
    return this.pricing.sources(lines);
  }

  /** Closes the cart that an order was made of. Repeating it, or a cart that is gone, changes nothing. */
  async markOrdered(cartId: string, orderId: string): Promise<void> {
    await this.writer.settle(cartId, (cart) => (cart.orderId === undefined ? { ...cart, orderId } : cart));
  }

  /**
   * Gives the cart's hold to its checkout without a gap: the checkout is then its only owner.
   * @returns the hold's id, undefined when exactly the lines of the cart are not held
   */
  handOverHold(cart: Cart): Promise<string | undefined> {
    return this.writer.handOverHold(cart);
  }

  private async priced(cart: Cart): Promise<PricedCart> {
    return { cart, quote: await this.quote(cart) };
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { type Cart, CartService, limitOfCart, quantityLimit } from '../../cart/index.js';
import type { RequestCustomer } from '../../customers/index.js';
import { CONFIG, type Config } from '../../platform/config.js';
import { STATEMENT_LIMITS } from '../../platform/database/statement-limits.js';
import { AppError } from '../../platform/errors.js';
import { MicroBatch } from '../../platform/micro-batch.js';
import { OrdersRepository } from '../orders/orders.repository.js';
import { PurchaseLimit } from '../orders/purchase-limit.js';

/** Finds carts that can be ordered. PostgreSQL decides whether one was ordered already: Redis may have forgotten. */
@Injectable()
export class OrderableCart {
  private readonly orderIds = new MicroBatch<string, string | undefined>(async (cartIds) => {
    const orderIds = await this.orders.idsOfCarts(cartIds);
    return cartIds.map((cartId) => orderIds.get(cartId));
  }, STATEMENT_LIMITS);

  constructor(
    @Inject(CartService) private readonly carts: CartService,
    @Inject(OrdersRepository) private readonly orders: OrdersRepository,
    @Inject(PurchaseLimit) private readonly purchaseLimit: PurchaseLimit,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @throws AppError `not_found`, `cart_empty`, `cart_ordered`, `quantity_limit` */
  async find(cartId: string, customer: RequestCustomer | undefined): Promise<Cart> {
    const cart = await this.carts.get(cartId, customer);
    const orderId = cart.orderId ?? (await this.forgottenOrder(cartId));
    if (orderId) {
      throw new AppError('cart_ordered', {
        detail: `It became the order ${orderId}. Begin a new cart.`,
        extra: { orderId },
      });
    }
    if (cart.lines.length === 0) throw new AppError('cart_empty', { detail: 'Put something into the cart first.' });
    await this.requireQuantities(cart);
    return cart;
  }

  /** A merge may have added up too much, and earlier purchases count too. */
  private async requireQuantities(cart: Cart): Promise<void> {
    const limit = limitOfCart(cart, this.config);
    const inCart = cart.lines
      .filter(({ quantity }) => quantity > limit)
      .map(({ variantId, quantity }) => ({ variantId, requested: quantity, limit }));
    const over =
      inCart.length > 0
        ? inCart
        : await this.purchaseLimit.exceededBy({ customerId: cart.customerId, lines: cart.lines });
    if (over.length > 0) throw quantityLimit(over);
  }

  private async forgottenOrder(cartId: string): Promise<string | undefined> {
    const orderId = await this.orderIds.add(cartId);
    if (orderId) await this.carts.markOrdered(cartId, orderId);
    return orderId;
  }
}

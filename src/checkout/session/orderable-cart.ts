import { Inject, Injectable } from '@nestjs/common';
import { type Cart, CartService } from '../../cart/index.js';
import type { RequestCustomer } from '../../customers/index.js';
import { AppError } from '../../platform/errors.js';
import { MicroBatch } from '../../platform/micro-batch.js';
import { OrdersRepository } from '../orders/orders.repository.js';

const READS_TOGETHER = { maxItems: 64, maxInFlight: 2 };

/** Finds carts that can be ordered. Whether one was ordered already is for PostgreSQL to say: Redis may have forgotten. */
@Injectable()
export class OrderableCart {
  private readonly orderIds = new MicroBatch<string, string | undefined>(async (cartIds) => {
    const orderIds = await this.orders.idsOfCarts(cartIds);
    return cartIds.map((cartId) => orderIds.get(cartId));
  }, READS_TOGETHER);

  constructor(
    @Inject(CartService) private readonly carts: CartService,
    @Inject(OrdersRepository) private readonly orders: OrdersRepository,
  ) {}

  /** @throws AppError `not_found`, `cart_empty`, `cart_ordered` */
  async find(cartId: string, customer: RequestCustomer | undefined): Promise<Cart> {
    const cart = await this.carts.get(cartId, customer);
    const orderId = cart.orderId ?? (await this.forgottenOrder(cartId));
    if (orderId) throw new AppError('cart_ordered', { extra: { orderId } });
    if (cart.lines.length === 0) throw new AppError('cart_empty', { detail: 'Put something into the cart first.' });
    return cart;
  }

  private async forgottenOrder(cartId: string): Promise<string | undefined> {
    const orderId = await this.orderIds.add(cartId);
    if (orderId) await this.carts.markOrdered(cartId, orderId);
    return orderId;
  }
}

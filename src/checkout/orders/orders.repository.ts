import { Inject, Injectable } from '@nestjs/common';
import { and, desc, eq, lt, sql } from 'drizzle-orm';
import { Database, type Executor } from '../../platform/database/database.js';
import { InsertRows } from '../../platform/database/insert-rows.js';
import { orderLines, orders } from './orders.schema.js';

export type OrderRow = typeof orders.$inferSelect;
export type OrderLineRow = typeof orderLines.$inferSelect;
export type NewOrder = Omit<OrderRow, 'number' | 'placedAt'>;

export interface NewOrderWithLines {
  readonly order: NewOrder;
  readonly lines: readonly OrderLineRow[];
}

export interface StoredOrder {
  readonly order: OrderRow;
  readonly lines: readonly OrderLineRow[];
}

const insertOrders = new InsertRows<
  typeof orders,
  'number' | 'placedAt',
  { id: string; number: string; placed_at: string }
>(orders, { name: 'orders_insert', defaults: ['number', 'placedAt'], returning: 'id, number, placed_at' });
const insertLines = new InsertRows(orderLines, { name: 'order_lines_insert', defaults: [] });

@Injectable()
export class OrdersRepository {
  private readonly byId;
  private readonly byCart;
  private readonly linesOf;

  constructor(@Inject(Database) private readonly database: Database) {
    this.byId = database.orm
      .select()
      .from(orders)
      .where(eq(orders.id, sql.placeholder('id')))
      .prepare('order_by_id');
    this.byCart = database.orm
      .select({ id: orders.id })
      .from(orders)
      .where(eq(orders.cartId, sql.placeholder('cartId')))
      .prepare('order_by_cart');
    this.linesOf = database.orm
      .select()
      .from(orderLines)
      .where(eq(orderLines.orderId, sql.placeholder('id')))
      .orderBy(orderLines.position)
      .prepare('order_lines_by_order');
  }

  /**
   * Keeps orders with their lines, in the order of their carts: two transactions with the same carts do not wait for each
   * other. Unique constraints `orders_one_per_checkout` and `orders_one_per_cart` refuse a second order.
   * @returns what was given, in its order, and how it is stored
   */
  async insert<T extends NewOrderWithLines>(
    tx: Executor,
    placed: readonly T[],
  ): Promise<(T & { readonly stored: StoredOrder })[]> {
    const inOrder = placed.map(({ order }) => order).sort((a, b) => (a.cartId < b.cartId ? -1 : 1));
    const numbered = new Map((await insertOrders.insert(tx, inOrder)).map((row) => [row.id, row]));
    await insertLines.insert(
      tx,
      placed.flatMap(({ lines }) => lines),
    );
    return placed.map((one) => {
      const row = numbered.get(one.order.id);
      if (!row) throw new Error('The order was not stored.');
      const order = { ...one.order, number: Number(row.number), placedAt: new Date(row.placed_at) };
      return { ...one, stored: { order, lines: one.lines } };
    });
  }

  async find(id: string): Promise<StoredOrder | undefined> {
    const [order] = await this.byId.execute({ id });
    return order && { order, lines: await this.linesOf.execute({ id }) };
  }

  /** The order that was made of a cart. */
  async idOfCart(cartId: string): Promise<string | undefined> {
    const [row] = await this.byCart.execute({ cartId });
    return row?.id;
  }

  /** Orders, newest first. `beforeNumber`: the number of the last order of the page before. */
  async list(wanted: {
    readonly limit: number;
    readonly customerId?: string | undefined;
    readonly beforeNumber?: number | undefined;
  }): Promise<OrderRow[]> {
    const { limit, customerId, beforeNumber } = wanted;
    return this.database.orm
      .select()
      .from(orders)
      .where(
        and(
          customerId === undefined ? undefined : eq(orders.customerId, customerId),
          beforeNumber === undefined ? undefined : lt(orders.number, beforeNumber),
        ),
      )
      .orderBy(desc(orders.number))
      .limit(limit);
  }

  async markCaptured(executor: Executor, id: string): Promise<void> {
    await executor
      .update(orders)
      .set({ state: 'captured' })
      .where(and(eq(orders.id, id), eq(orders.state, 'placed')));
  }
}

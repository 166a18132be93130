import { Inject, Injectable } from '@nestjs/common';
import { and, desc, eq, lt, sql } from 'drizzle-orm';
import { Database, type Executor } from '../../platform/database/database.js';
import { orderLines, orders } from './orders.schema.js';

export type OrderRow = typeof orders.$inferSelect;
export type OrderLineRow = typeof orderLines.$inferSelect;
export type NewOrder = typeof orders.$inferInsert;

export interface StoredOrder {
  readonly order: OrderRow;
  readonly lines: readonly OrderLineRow[];
}

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

  /** Unique constraints `orders_one_per_checkout` and `orders_one_per_cart` refuse a second order. */
  async insert(tx: Executor, order: NewOrder, lines: readonly Omit<OrderLineRow, 'orderId'>[]): Promise<StoredOrder> {
    const [row] = await tx.insert(orders).values(order).returning();
    if (!row) throw new Error('The order was not stored.');
    const stored = await tx
      .insert(orderLines)
      .values(lines.map((line) => ({ ...line, orderId: row.id })))
      .returning();
    return { order: row, lines: stored };
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

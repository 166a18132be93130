import { Inject, Injectable } from '@nestjs/common';
import { and, desc, eq, gte, lt, type SQL, sql } from 'drizzle-orm';
import { Database, type Executor, type Tx } from '../../platform/database/database.js';
import { InsertRows } from '../../platform/database/insert-rows.js';
import { Statement } from '../../platform/database/statement.js';
import { together } from '../../platform/database/together.js';
import { orderLines, orders } from './orders.schema.js';

export type OrderRow = typeof orders.$inferSelect;
export type OrderLineRow = typeof orderLines.$inferSelect;
type OrderDefault = 'placedAt' | 'capturedAt' | 'cancelledAt' | 'cancelReason';
export type NewOrder = Omit<OrderRow, OrderDefault>;

export interface NewOrderWithLines {
  readonly order: NewOrder;
  readonly lines: readonly OrderLineRow[];
}

/** Which orders are looked for; all conditions hold. */
export interface OrderSearch {
  readonly customerId?: string | undefined;
  readonly number?: number | undefined;
  /** The beginning of the e-mail address, in any case. */
  readonly emailPrefix?: string | undefined;
  readonly state?: OrderRow['state'] | undefined;
  readonly placedFrom?: Date | undefined;
  readonly placedBefore?: Date | undefined;
  /** The number of the last order of the previous page. */
  readonly beforeNumber?: number | undefined;
}

export interface StoredOrder {
  readonly order: OrderRow;
  readonly lines: readonly OrderLineRow[];
}

/** Numbers for orders, and when they are placed: the time of their transaction. */
export interface OrderNumbers {
  readonly numbers: readonly number[];
  readonly placedAt: Date;
}

const insertOrders = new InsertRows(orders, {
  name: 'orders_insert',
  defaults: ['placedAt', 'capturedAt', 'cancelledAt', 'cancelReason'],
});
const takeNumbers = new Statement<{ number: string; placed_at: string }>(
  'orders_take_numbers',
  `SELECT nextval('order_numbers') AS number, now() AS placed_at FROM generate_series(1, $1::int)`,
);
const insertLines = new InsertRows(orderLines, { name: 'order_lines_insert', defaults: [] });
// Looked up one by one (LATERAL): a plan made while the table was small may go on reading all of it.
const byCarts = new Statement<{ id: string; cart_id: string }>(
  'orders_by_cart',
  `SELECT o.id, c.cart_id FROM unnest($1::uuid[]) AS c (cart_id)
   CROSS JOIN LATERAL (SELECT id FROM orders WHERE orders.cart_id = c.cart_id LIMIT 1) o`,
);

@Injectable()
export class OrdersRepository {
  private readonly byId;
  private readonly linesOf;

  constructor(@Inject(Database) private readonly database: Database) {
    this.byId = database.orm
      .select()
      .from(orders)
      .where(eq(orders.id, sql.placeholder('id')))
      .prepare('order_by_id');
    this.linesOf = database.orm
      .select()
      .from(orderLines)
      .where(eq(orderLines.orderId, sql.placeholder('id')))
      .orderBy(orderLines.position)
      .prepare('order_lines_by_order');
  }

  /**
   * Keeps orders with their lines, in the order of their carts: two transactions with the same carts do not wait for each
   * other. Unique constraints `orders_one_per_checkout` and `orders_one_per_cart` refuse a second order. It sends before it
   * waits (`together`).
   */
  async insert(tx: Tx, placed: readonly NewOrderWithLines[]): Promise<void> {
    const inOrder = placed.map(({ order }) => order).sort((a, b) => (a.cartId < b.cartId ? -1 : 1));
    const lines = placed.flatMap((one) => one.lines);
    await together([insertOrders.insert(tx, inOrder), insertLines.insert(tx, lines)]);
  }

  /** Numbers for as many orders as there may be: those that are not placed leave gaps. It sends before it waits (`together`). */
  async takeNumbers(tx: Tx, count: number): Promise<OrderNumbers> {
    const rows = await takeNumbers.rows(tx, [count]);
    return { numbers: rows.map((row) => Number(row.number)), placedAt: new Date(rows[0]?.placed_at ?? Number.NaN) };
  }

  async find(id: string): Promise<StoredOrder | undefined> {
    const [order] = await this.byId.execute({ id });
    return order && { order, lines: await this.linesOf.execute({ id }) };
  }

  /** The order, locked until the transaction ends. */
  async lock(tx: Tx, id: string): Promise<StoredOrder | undefined> {
    const [order] = await tx.select().from(orders).where(eq(orders.id, id)).for('update');
    return order && { order, lines: await this.linesIn(tx, id) };
  }

  /** The order as the transaction sees it. */
  async findIn(tx: Tx, id: string): Promise<StoredOrder | undefined> {
    const [order] = await tx.select().from(orders).where(eq(orders.id, id));
    return order && { order, lines: await this.linesIn(tx, id) };
  }

  private linesIn(tx: Tx, id: string): Promise<OrderLineRow[]> {
    return tx.select().from(orderLines).where(eq(orderLines.orderId, id)).orderBy(orderLines.position);
  }

  /** The orders that were made of carts, by cart. */
  async idsOfCarts(cartIds: readonly string[]): Promise<Map<string, string>> {
    const rows = await byCarts.rows(this.database.orm, [cartIds]);
    return new Map(rows.map(({ id, cart_id: cartId }) => [cartId, id]));
  }

  /** Orders, newest first. */
  async list(wanted: OrderSearch & { readonly limit: number }): Promise<OrderRow[]> {
    return this.database.orm
      .select()
      .from(orders)
      .where(and(...conditionsOf(wanted)))
      .orderBy(desc(orders.number))
      .limit(wanted.limit);
  }

  async markCaptured(executor: Executor, id: string): Promise<void> {
    await executor
      .update(orders)
      .set({ state: 'captured', capturedAt: sql`now()` })
      .where(and(eq(orders.id, id), eq(orders.state, 'placed')));
  }
}

function conditionsOf(wanted: OrderSearch): (SQL | undefined)[] {
  const { customerId, number, emailPrefix, state, placedFrom, placedBefore, beforeNumber } = wanted;
  const escaped = emailPrefix?.toLowerCase().replace(/[\\%_]/g, '\\$&');
  return [
    customerId === undefined ? undefined : eq(orders.customerId, customerId),
    number === undefined ? undefined : eq(orders.number, number),
    escaped === undefined ? undefined : sql`lower(${orders.email}) LIKE ${`${escaped}%`}`,
    state === undefined ? undefined : eq(orders.state, state),
    placedFrom === undefined ? undefined : gte(orders.placedAt, placedFrom),
    placedBefore === undefined ? undefined : lt(orders.placedAt, placedBefore),
    beforeNumber === undefined ? undefined : lt(orders.number, beforeNumber),
  ];
}

// What has happened to an order since it was placed. A change locks the order's payment and then the order, as placing and
// capturing do, so that changes of one order come one after the other and cannot deadlock.
import { Inject, Injectable } from '@nestjs/common';
import { and, asc, eq, ne, sql } from 'drizzle-orm';
import { Database, type Executor, type Tx } from '../../../platform/database/database.js';
import type { Attempt } from '../../payments/attempt.js';
import { AttemptsRepository } from '../../payments/attempts.repository.js';
import { paymentAttempts } from '../../payments/attempts.schema.js';
import { type DisputeRow, DisputesRepository } from '../../payments/captured/disputes.repository.js';
import { paymentRefunds, type RefundState } from '../../payments/refunds/refunds.schema.js';
import { OrdersRepository, type StoredOrder } from '../orders.repository.js';
import { orders } from '../orders.schema.js';
import { orderFulfillments, orderRefunds } from './order-changes.schema.js';

export type FulfillmentRow = typeof orderFulfillments.$inferSelect;
/** A refund of an order, with how its money stands at the provider. */
export type OrderRefund = typeof orderRefunds.$inferSelect & {
  readonly state: RefundState;
  readonly stateReason: string | null;
  readonly stateAt: Date;
};

/** Everything that is known of an order. */
export interface OrderFacts extends StoredOrder {
  readonly attempt: Attempt;
  readonly fulfillments: readonly FulfillmentRow[];
  readonly refunds: readonly OrderRefund[];
  readonly disputes: readonly DisputeRow[];
}

@Injectable()
export class OrderChangesRepository {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(OrdersRepository) private readonly orders: OrdersRepository,
    @Inject(AttemptsRepository) private readonly attempts: AttemptsRepository,
    @Inject(DisputesRepository) private readonly disputes: DisputesRepository,
  ) {}

  /** The order as it is, locked until the transaction ends. */
  async lock(tx: Tx, orderId: string): Promise<OrderFacts | undefined> {
    await tx
      .select({ id: paymentAttempts.id })
      .from(paymentAttempts)
      .where(eq(paymentAttempts.orderId, orderId))
      .for('update');
    const stored = await this.orders.lock(tx, orderId);
    return stored && this.withFacts(stored, tx);
  }

  /** @param tx to see what it has changed */
  async find(orderId: string, tx?: Tx): Promise<OrderFacts | undefined> {
    const stored = await (tx ? this.orders.findIn(tx, orderId) : this.orders.find(orderId));
    return stored && this.withFacts(stored, tx ?? this.database.orm);
  }

  private async withFacts(stored: StoredOrder, executor: Executor): Promise<OrderFacts> {
    const orderId = stored.order.id;
    const attempt = await this.attempts.findOfOrder(orderId, executor);
    if (!attempt) throw new Error(`The order ${orderId} has no payment.`);
    const fulfillments = await executor
      .select()
      .from(orderFulfillments)
      .where(eq(orderFulfillments.orderId, orderId))
      .orderBy(asc(orderFulfillments.createdAt), asc(orderFulfillments.id));
    const refunds = await executor
      .select({ refund: orderRefunds, money: paymentRefunds })
      .from(orderRefunds)
      .innerJoin(
        paymentRefunds,
        and(
          eq(paymentRefunds.attemptId, orderRefunds.attemptId),
          eq(paymentRefunds.refundKey, sql`${orderRefunds.id}::text`),
        ),
      )
      .where(eq(orderRefunds.orderId, orderId))
      .orderBy(asc(orderRefunds.createdAt), asc(orderRefunds.id));
    return {
      ...stored,
      attempt,
      fulfillments,
      disputes: await this.disputes.ofAttempt(executor, attempt.id),
      refunds: refunds.map(({ refund, money }) => ({
        ...refund,
        state: money.state,
        stateReason: money.reason,
        stateAt: money.updatedAt,
      })),
    };
  }

  async insertFulfillment(tx: Tx, row: Omit<FulfillmentRow, 'createdAt'>): Promise<void> {
    await tx.insert(orderFulfillments).values(row);
  }

  async insertRefund(tx: Tx, row: typeof orderRefunds.$inferInsert): Promise<void> {
    await tx.insert(orderRefunds).values(row);
  }

  async markCancelled(tx: Tx, orderId: string, reason: string | undefined): Promise<void> {
    await tx
      .update(orders)
      .set({ state: 'cancelled', cancelledAt: sql`now()`, cancelReason: reason ?? null })
      .where(and(eq(orders.id, orderId), ne(orders.state, 'cancelled')));
  }
}

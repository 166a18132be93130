import { Inject, Injectable } from '@nestjs/common';
import { DiscountsService, type DiscountUse } from '../../discounts/index.js';
import { CONFIG, type Config } from '../../platform/config.js';
import type { Tx } from '../../platform/database/database.js';
import { together } from '../../platform/database/together.js';
import { IdempotencyRepository } from '../../platform/idempotency/idempotency.repository.js';
import { appendToOutbox, type OutboxEvent } from '../../platform/outbox/outbox.js';
import { accessTokenOf, hashAccessToken } from '../orders/access-token.js';
import { toOrderAnswer } from '../orders/order-answer.js';
import {
  type NewOrderWithLines,
  type OrderNumbers,
  OrdersRepository,
  type StoredOrder,
} from '../orders/orders.repository.js';
import { CheckoutSessionsRepository, type Conclusion } from '../session/checkout-sessions.repository.js';
import { type AgreedOrder, OrderRefused, type PlacedOrder } from './placing.js';

/** Writes what orders leave behind: used discounts, orders, lines, events, the answers of requests, the sessions' ends. */
@Injectable()
export class WriteOrders {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(OrdersRepository) private readonly orders: OrdersRepository,
    @Inject(DiscountsService) private readonly discounts: DiscountsService,
    @Inject(IdempotencyRepository) private readonly idempotency: IdempotencyRepository,
    @Inject(CheckoutSessionsRepository) private readonly sessions: CheckoutSessionsRepository,
  ) {}

  /** Takes a number for each order, whether or not it is then placed. */
  takeNumbers(tx: Tx, count: number): Promise<OrderNumbers> {
    return this.orders.takeNumbers(tx, count);
  }

  /** @throws OrderRefused when a discount is used up */
  async useDiscounts(tx: Tx, agreed: readonly AgreedOrder[]): Promise<void> {
    const usage = await this.discounts.recordUsage(tx, agreed.map(toUse));
    if (usage.kind === 'exhausted') throw new OrderRefused({ kind: 'discount_exhausted', codes: usage.codes });
  }

  /** Like each of its parts, it sends before it waits (`together`). @returns the placed orders, by attempt */
  async inTransaction(tx: Tx, agreed: readonly AgreedOrder[]): Promise<Map<string, PlacedOrder>> {
    const written = agreed.map((one) => {
      const rows = this.toRows(one);
      return { attempt: one.attempt, rows, answer: { status: 201, body: toOrderAnswer(toStored(one, rows)) } };
    });
    const [, , , sessions] = await together([
      this.orders.insert(
        tx,
        written.map(({ rows }) => rows),
      ),
      appendToOutbox(tx, agreed.map(toEvent)),
      this.idempotency.answerAll(
        tx,
        written.map(({ attempt, answer }) => ({
          scope: attempt.idempotencyScope,
          key: attempt.idempotencyKey,
          answer,
        })),
      ),
      this.sessions.concludeAttempts(tx, ['paying'], agreed.map(toConclusion)),
    ]);
    return new Map(
      written.map(({ attempt, answer }) => [
        attempt.id,
        { kind: 'placed', answer, session: sessions.get(attempt.checkoutId) },
      ]),
    );
  }

  private toRows({ attempt, quote, number }: AgreedOrder): NewOrderWithLines {
    const { orderId, agreement } = attempt;
    const order = {
      id: orderId,
      number,
      checkoutId: attempt.checkoutId,
      cartId: attempt.cartId,
      customerId: agreement.customerId ?? null,
      email: agreement.email ?? null,
      state: 'placed' as const,
      currency: quote.currency,
      subtotalMinor: quote.subtotalMinor,
      discountMinor: quote.discountMinor,
      shippingMinor: quote.shippingMinor,
      taxMinor: quote.taxMinor,
      totalMinor: quote.totalMinor,
      taxInclusive: this.config.TAX_INCLUSIVE,
      ruleSetVersion: quote.ruleSetVersion,
      discounts: quote.discounts,
      shippingMethodId: agreement.shippingMethodId ?? null,
      shippingAddress: agreement.shippingAddress ?? null,
      billingAddress: agreement.billingAddress ?? null,
      accessTokenHash: hashAccessToken(accessTokenOf(orderId, this.config.AUTH_SECRET)),
    };
    const lines = quote.lines.map(({ subtotalMinor: _subtotal, ...line }, position) => ({
      ...line,
      orderId,
      position,
    }));
    return { order, lines };
  }
}

/** The order as it is stored: nothing has happened to it yet. */
function toStored({ placedAt }: AgreedOrder, { order, lines }: NewOrderWithLines): StoredOrder {
  return { order: { ...order, placedAt, capturedAt: null, cancelledAt: null, cancelReason: null }, lines };
}

function toUse({ attempt: { orderId }, quote }: AgreedOrder): DiscountUse {
  const { ruleSetVersion, currency, discounts } = quote;
  return { orderId, ruleSetVersion, currency, applied: discounts };
}

function toEvent({ attempt }: AgreedOrder): OutboxEvent {
  const { id: attemptId, orderId, checkoutId, cartId } = attempt;
  return { event: 'order.placed', payload: { orderId, attemptId, checkoutId, cartId } };
}

function toConclusion({ attempt }: AgreedOrder): Conclusion {
  return { attempt, outcome: { state: 'placed', orderId: attempt.orderId } };
}

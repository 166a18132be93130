import { Inject, Injectable } from '@nestjs/common';
import { DiscountsService, type DiscountUse } from '../../discounts/index.js';
import { CONFIG, type Config } from '../../platform/config.js';
import type { Tx } from '../../platform/database/database.js';
import { IdempotencyRepository } from '../../platform/idempotency/idempotency.repository.js';
import { appendToOutbox, type OutboxEvent } from '../../platform/outbox/outbox.js';
import { accessTokenOf, hashAccessToken } from '../orders/access-token.js';
import { toOrderAnswer } from '../orders/order-answer.js';
import { type NewOrderWithLines, OrdersRepository } from '../orders/orders.repository.js';
import type { Attempt } from '../payments/attempt.js';
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

  /** @returns what was placed, by attempt. @throws OrderRefused when a discount is used up */
  async inTransaction(tx: Tx, agreed: readonly AgreedOrder[]): Promise<Map<string, PlacedOrder>> {
    const usage = await this.discounts.recordUsage(tx, agreed.map(toUse));
    if (usage.kind === 'exhausted') throw new OrderRefused({ kind: 'discount_exhausted', codes: usage.codes });
    const orders = await this.orders.insert(
      tx,
      agreed.map((one) => this.toRows(one)),
    );
    await appendToOutbox(tx, orders.map(toEvent));
    const answered = orders.map(({ attempt, stored }) => ({
      attempt,
      answer: { status: 201, body: toOrderAnswer(stored) },
    }));
    await this.idempotency.answerAll(
      tx,
      answered.map(({ attempt, answer }) => ({ scope: attempt.idempotencyScope, key: attempt.idempotencyKey, answer })),
    );
    const sessions = await this.sessions.concludeAttempts(tx, ['paying'], orders.map(toConclusion));
    return new Map(
      answered.map(({ attempt, answer }) => [
        attempt.id,
        { kind: 'placed', answer, session: sessions.get(attempt.checkoutId) },
      ]),
    );
  }

  private toRows({ attempt, quote }: AgreedOrder): NewOrderWithLines & { readonly attempt: Attempt } {
    const { orderId, agreement } = attempt;
    const order = {
      id: orderId,
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
    return { attempt, order, lines };
  }
}

function toUse({ attempt: { orderId }, quote }: AgreedOrder): DiscountUse {
  const { ruleSetVersion, currency, discounts } = quote;
  return { orderId, ruleSetVersion, currency, applied: discounts };
}

function toEvent({ attempt }: { readonly attempt: Attempt }): OutboxEvent {
  const { id: attemptId, orderId, checkoutId, cartId } = attempt;
  return { event: 'order.placed', payload: { orderId, attemptId, checkoutId, cartId } };
}

function toConclusion({ attempt }: { readonly attempt: Attempt }): Conclusion {
  return { attempt, outcome: { state: 'placed', orderId: attempt.orderId } };
}

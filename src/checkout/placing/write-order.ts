import { Inject, Injectable } from '@nestjs/common';
import { DiscountsService } from '../../discounts/index.js';
import { CONFIG, type Config } from '../../platform/config.js';
import type { Tx } from '../../platform/database/database.js';
import { IdempotencyRepository, type StoredAnswer } from '../../platform/idempotency/idempotency.repository.js';
import { appendToOutbox } from '../../platform/outbox/outbox.js';
import { accessTokenOf, hashAccessToken } from '../orders/access-token.js';
import { toOrderAnswer } from '../orders/order-answer.js';
import { type NewOrder, OrdersRepository } from '../orders/orders.repository.js';
import type { Attempt } from '../payments/attempt.js';
import type { CheckoutSession, Quote } from '../session/checkout-session.js';
import { CheckoutSessionsRepository } from '../session/checkout-sessions.repository.js';

export type Writing =
  | { readonly kind: 'written'; readonly answer: StoredAnswer; readonly session: CheckoutSession | undefined }
  | { readonly kind: 'discount_exhausted'; readonly codes: readonly string[] };

/** Writes what an order leaves behind: order, lines, used discounts, event, the answer of the request, the session's end. */
@Injectable()
export class WriteOrder {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(OrdersRepository) private readonly orders: OrdersRepository,
    @Inject(DiscountsService) private readonly discounts: DiscountsService,
    @Inject(IdempotencyRepository) private readonly idempotency: IdempotencyRepository,
    @Inject(CheckoutSessionsRepository) private readonly sessions: CheckoutSessionsRepository,
  ) {}

  async inTransaction(tx: Tx, attempt: Attempt, quote: Quote): Promise<Writing> {
    const usage = await this.discounts.recordUsage(tx, {
      orderId: attempt.orderId,
      ruleSetVersion: quote.ruleSetVersion,
      currency: quote.currency,
      applied: quote.discounts,
    });
    if (usage.kind === 'exhausted') return { kind: 'discount_exhausted', codes: usage.codes };
    const order = this.toRow(attempt, quote);
    const stored = await this.orders.insert(tx, order, quote.lines.map(toLine));
    const { id: attemptId, orderId, checkoutId, cartId } = attempt;
    await appendToOutbox(tx, [{ event: 'order.placed', payload: { orderId, attemptId, checkoutId, cartId } }]);
    const answer = { status: 201, body: toOrderAnswer(stored) };
    await this.idempotency.answer(tx, { scope: attempt.idempotencyScope, key: attempt.idempotencyKey }, answer);
    const session = await this.sessions.concludeAttempt(tx, attempt, ['paying'], { state: 'placed', orderId });
    return { kind: 'written', answer, session };
  }

  private toRow(attempt: Attempt, quote: Quote): NewOrder {
    const { agreement } = attempt;
    return {
      id: attempt.orderId,
      checkoutId: attempt.checkoutId,
      cartId: attempt.cartId,
      customerId: agreement.customerId ?? null,
      email: agreement.email ?? null,
      state: 'placed',
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
      accessTokenHash: hashAccessToken(accessTokenOf(attempt.orderId, this.config.AUTH_SECRET)),
    };
  }
}

function toLine({ subtotalMinor: _subtotal, ...line }: Quote['lines'][number], position: number) {
  return { ...line, position };
}

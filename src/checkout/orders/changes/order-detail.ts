import { refundedMinor, withheldMinor } from '../../payments/refunds/money-left.js';
import { toOrderAnswer } from '../order-answer.js';
import type { OrderDetail } from './order-changes.dto.js';
import type { OrderFacts, OrderRefund } from './order-changes.repository.js';
import { linesLeft } from './order-lines-left.js';

/** The public form of an order and of what has happened to it. */
export function toOrderDetail(facts: OrderFacts): OrderDetail {
  const { order, attempt } = facts;
  const left = linesLeft(facts);
  const base = toOrderAnswer(facts);
  return {
    ...base,
    lines: base.lines.map((line, i) => ({
      ...line,
      fulfilled: left[i]?.fulfilled ?? 0,
      refunded: left[i]?.refunded ?? 0,
    })),
    fulfillmentState: fulfillmentStateOf(left),
    payment: { id: attempt.id, provider: attempt.provider, state: attempt.state },
    refunded: { amount: refundedMinor(facts), currency: order.currency },
    disputed: { amount: withheldMinor(facts), currency: order.currency },
    refunds: facts.refunds.map((refund) => toRefundAnswer(refund, facts)),
    fulfillments: facts.fulfillments.map(({ id, lines, carrier, trackingNumber, trackingUrl, createdAt }) => ({
      id,
      lines: lines.map(({ position, quantity }) => ({ variantId: variantAt(facts, position), quantity })),
      carrier,
      trackingNumber,
      trackingUrl,
      createdAt: createdAt.toISOString(),
    })),
    disputes: facts.disputes.map(({ id, state, amountMinor, reason, createdAt }) => ({
      id,
      state,
      amount: { amount: amountMinor, currency: order.currency },
      reason,
      createdAt: createdAt.toISOString(),
    })),
    cancelReason: order.cancelReason,
    timeline: timelineOf(facts),
  };
}

function toRefundAnswer(refund: OrderRefund, facts: OrderFacts): OrderDetail['refunds'][number] {
  const inCurrency = (amount: number) => ({ amount, currency: facts.order.currency });
  return {
    id: refund.id,
    state: refund.state,
    amount: inCurrency(refund.amountMinor),
    tax: inCurrency(refund.lines.reduce((sum, line) => sum + line.taxMinor, 0)),
    lines: refund.lines.map(({ position, quantity, amountMinor, taxMinor }) => ({
      variantId: variantAt(facts, position),
      quantity,
      amount: inCurrency(amountMinor),
      tax: inCurrency(taxMinor),
    })),
    shipping: inCurrency(refund.shippingMinor),
    reason: refund.reason,
    restocked: refund.restocked,
    refusal: refund.state === 'refused' ? refund.stateReason : null,
    createdAt: refund.createdAt.toISOString(),
  };
}

function fulfillmentStateOf(left: ReturnType<typeof linesLeft>): OrderDetail['fulfillmentState'] {
  if (left.every((line) => line.fulfilled === 0)) return 'unfulfilled';
  return left.every((line) => line.unshipped === 0) ? 'fulfilled' : 'partial';
}

/** Built from the facts themselves, in the order of their times. */
function timelineOf({ order, fulfillments, refunds, disputes }: OrderFacts): OrderDetail['timeline'] {
  const ended = { refunded: 'refunded', refused: 'refund_refused' } as const;
  const disputeEnded = { won: 'dispute_won', lost: 'dispute_lost', closed: 'dispute_closed' } as const;
  const entries: { kind: OrderDetail['timeline'][number]['kind']; at: Date | null; id?: string }[] = [
    { kind: 'placed', at: order.placedAt },
    { kind: 'captured', at: order.capturedAt },
    { kind: 'cancelled', at: order.cancelledAt },
    ...fulfillments.map(({ id, createdAt }) => ({ kind: 'fulfilled' as const, at: createdAt, id })),
    ...refunds.map(({ id, createdAt }) => ({ kind: 'refund_requested' as const, at: createdAt, id })),
    ...refunds.flatMap(({ id, state, stateAt }) =>
      state === 'requested' ? [] : [{ kind: ended[state], at: stateAt, id }],
    ),
    ...disputes.map(({ id, createdAt }) => ({ kind: 'disputed' as const, at: createdAt, id })),
    ...disputes.flatMap(({ id, state, updatedAt }) =>
      state === 'inquiry' || state === 'open' ? [] : [{ kind: disputeEnded[state], at: updatedAt, id }],
    ),
  ];
  return entries
    .flatMap(({ at, ...entry }) => (at ? [{ ...entry, at: at.toISOString() }] : []))
    .sort((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)));
}

function variantAt({ lines }: OrderFacts, position: number): string {
  const line = lines.find((one) => one.position === position);
  if (!line) throw new Error(`The order has no line ${position}.`);
  return line.variantId;
}

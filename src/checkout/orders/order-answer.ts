import type { OrderAnswer, OrderSummary } from './order.dto.js';
import type { OrderRow, StoredOrder } from './orders.repository.js';
import { toPricedAnswer } from './priced-answer.js';

/** The public form of a stored order. */
export function toOrderAnswer({ order, lines }: StoredOrder): OrderAnswer {
  return {
    id: order.id,
    number: order.number,
    state: order.state,
    checkoutId: order.checkoutId,
    email: order.email,
    ...toPricedAnswer(order, lines),
    ruleSetVersion: order.ruleSetVersion,
    shippingMethodId: order.shippingMethodId,
    shippingAddress: order.shippingAddress,
    billingAddress: order.billingAddress,
    placedAt: order.placedAt.toISOString(),
  };
}

export function toOrderSummary(order: OrderRow): OrderSummary {
  return {
    id: order.id,
    number: order.number,
    state: order.state,
    placedAt: order.placedAt.toISOString(),
    total: { amount: order.totalMinor, currency: order.currency },
  };
}

import type { AppliedDiscount } from '../../discounts/index.js';
import type { OrderAnswer, OrderSummary } from './order.dto.js';
import type { OrderLineRow, OrderRow, StoredOrder } from './orders.repository.js';

/** The public form of a stored order. */
export function toOrderAnswer({ order, lines }: StoredOrder): OrderAnswer {
  const inCurrency = (amount: number) => ({ amount, currency: order.currency });
  const toLine = (line: OrderLineRow) => ({
    variantId: line.variantId,
    productId: line.productId,
    sku: line.sku,
    title: line.title,
    quantity: line.quantity,
    unitPrice: inCurrency(line.unitPriceMinor),
    discount: inCurrency(line.discountMinor),
    tax: inCurrency(line.taxMinor),
    total: inCurrency(line.totalMinor),
  });
  return {
    id: order.id,
    number: order.number,
    state: order.state,
    checkoutId: order.checkoutId,
    email: order.email,
    lines: lines.map(toLine),
    discounts: order.discounts.map(({ code, title, amountMinor }: AppliedDiscount) => ({
      code,
      title,
      amount: inCurrency(amountMinor),
    })),
    ruleSetVersion: order.ruleSetVersion,
    totals: {
      subtotal: inCurrency(order.subtotalMinor),
      discount: inCurrency(order.discountMinor),
      shipping: inCurrency(order.shippingMinor),
      tax: inCurrency(order.taxMinor),
      total: inCurrency(order.totalMinor),
    },
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

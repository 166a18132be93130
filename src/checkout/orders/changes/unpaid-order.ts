import type { AppErrorOptions } from '../../../platform/errors.js';
import type { OrderFacts } from './order-changes.repository.js';

export type WhyUnpaid = Required<Pick<AppErrorOptions, 'detail'>> & Pick<AppErrorOptions, 'retryAfterS'>;

/** Why nothing of an order whose money was not taken can be given back, and what to do about it. */
export function whyUnpaid({ order, attempt, fulfillments }: OrderFacts, isByHand: boolean): WhyUnpaid {
  if (order.state === 'cancelled') {
    return { detail: 'The order was cancelled: what was paid for it is given back by itself.' };
  }
  const orCancel = fulfillments.length === 0 ? ' Nothing was shipped, so the order can be cancelled instead.' : '';
  if (attempt.state === 'review') {
    const detail = `Its money could not be taken. GET /v1/admin/payments/${attempt.id} says why, and what can be done.`;
    return { detail: detail + orCancel };
  }
  if (isByHand) {
    const detail = `No money has come in yet. When it has, send POST /v1/admin/orders/${order.id}/mark-paid, then refund.`;
    return { detail: detail + orCancel };
  }
  return { detail: `The payment is being captured. Try again in a few seconds.${orCancel}`, retryAfterS: 5 };
}

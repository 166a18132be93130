import { countsAsGiven } from '../../payments/refunds/money-left.js';
import type { OrderFacts } from './order-changes.repository.js';
import type { RefundableLine } from './refund-amounts.js';

/** A line of an order with what can still be done with it. */
export interface LineLeft extends RefundableLine {
  readonly variantId: string;
  readonly fulfilled: number;
}

/** The lines with what was shipped and given back. */
export function linesLeft({ lines, fulfillments, refunds }: OrderFacts): LineLeft[] {
  const given = refunds.filter(countsAsGiven).flatMap((refund) => refund.lines);
  const shipped = fulfillments.flatMap((fulfillment) => fulfillment.lines);
  return lines.map(({ position, variantId, quantity, taxMinor, totalMinor }) => {
    const mine = <L extends { readonly position: number }>(line: L) => line.position === position;
    const fulfilled = sum(shipped.filter(mine).map((line) => line.quantity));
    const givenUp = sum(given.filter(mine).map((line) => line.unshipped));
    const back = given.filter(mine);
    const refunded = sum(back.map((line) => line.quantity));
    const refundedMinor = sum(back.map((line) => line.amountMinor));
    const refundedTaxMinor = sum(back.map((line) => line.taxMinor));
    const unshipped = quantity - fulfilled - givenUp;
    const paid = { quantity, taxMinor, totalMinor };
    return { position, variantId, ...paid, refunded, refundedMinor, refundedTaxMinor, unshipped, fulfilled };
  });
}

/** What was paid for shipping, its tax included, and not given back yet. */
export function shippingLeftMinor({ order, lines, refunds }: OrderFacts): number {
  const paid = order.totalMinor - sum(lines.map((line) => line.totalMinor));
  const given = refunds.filter(countsAsGiven).map((refund) => refund.shippingMinor);
  return paid - sum(given);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

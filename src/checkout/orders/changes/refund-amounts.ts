// What a refund is worth, exact to the minor unit: however often and in whatever parts a line is refunded, the parts add
// up to what was paid for it.
import { mulDivRound } from '../../../platform/money.js';

/** A line of an order with what has been refunded of it. */
export interface RefundableLine {
  readonly position: number;
  readonly quantity: number;
  readonly taxMinor: number;
  /** What was paid for it: discounted, with its tax. */
  readonly totalMinor: number;
  readonly refunded: number;
  /** What was given back for those units, and the tax within it. */
  readonly refundedMinor: number;
  readonly refundedTaxMinor: number;
  /** Units that are neither shipped nor given up. */
  readonly unshipped: number;
}

export interface RefundedLine {
  readonly position: number;
  readonly quantity: number;
  /** How many of them were not shipped and will not be. */
  readonly unshipped: number;
  readonly amountMinor: number;
  /** The tax within the amount. */
  readonly taxMinor: number;
}

/** Refunds `quantity` more units of a line; units that were not shipped are given up first. */
export function refundOf(line: RefundableLine, quantity: number): RefundedLine {
  // What is due for all units so far, less what was given: a refund that was refused leaves no cent behind.
  const due = (paidMinor: number, givenMinor: number) =>
    Math.max(0, mulDivRound(paidMinor, line.refunded + quantity, line.quantity) - givenMinor);
  return {
    position: line.position,
    quantity,
    unshipped: Math.min(quantity, line.unshipped),
    amountMinor: due(line.totalMinor, line.refundedMinor),
    taxMinor: due(line.taxMinor, line.refundedTaxMinor),
  };
}

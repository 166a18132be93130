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
  const before = line.refunded;
  const after = before + quantity;
  const part = (amountMinor: number) =>
    mulDivRound(amountMinor, after, line.quantity) - mulDivRound(amountMinor, before, line.quantity);
  return {
    position: line.position,
    quantity,
    unshipped: Math.min(quantity, line.unshipped),
    amountMinor: part(line.totalMinor),
    taxMinor: part(line.taxMinor),
  };
}

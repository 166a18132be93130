import type { Config } from '../../platform/config.js';
import { AppError } from '../../platform/errors.js';
import type { CartDocument } from '../documents/cart-document.js';

export type QuantitySettings = Pick<Config, 'MAX_QUANTITY_PER_ORDER' | 'MAX_QUANTITY_PER_CUSTOMER'>;

/** A line with more units than may be bought. */
export interface OverLimit {
  readonly variantId: string;
  readonly requested: number;
  /** How many may be bought now. */
  readonly limit: number;
  /** When earlier orders of the customer count: how many they have, and how many one customer may buy in all. */
  readonly bought?: number;
  readonly customerLimit?: number;
}

/** The most of one variant in one order; the limit of a customer over all orders counts here too. */
export function limitOfCart({ customerId }: CartDocument, settings: QuantitySettings): number {
  const { MAX_QUANTITY_PER_ORDER, MAX_QUANTITY_PER_CUSTOMER = Number.POSITIVE_INFINITY } = settings;
  return customerId === undefined
    ? MAX_QUANTITY_PER_ORDER
    : Math.min(MAX_QUANTITY_PER_ORDER, MAX_QUANTITY_PER_CUSTOMER);
}

/**
 * Lines that grew must keep to the limit; others may exceed it, since limits change, and may be lowered.
 * @throws AppError `quantity_limit`
 */
export function requireQuantities(
  before: CartDocument | undefined,
  after: CartDocument,
  settings: QuantitySettings,
): void {
  const limit = limitOfCart(after, settings);
  const had = new Map(before?.lines.map(({ lineId, quantity }) => [lineId, quantity]));
  const over = after.lines.filter(({ lineId, quantity }) => quantity > limit && quantity > (had.get(lineId) ?? 0));
  if (over.length === 0) return;
  throw quantityLimit(over.map(({ variantId, quantity }) => ({ variantId, requested: quantity, limit })));
}

/** The `quantity_limit` error (409): its detail is about the first line, `lines` in the answer has them all. */
export function quantityLimit(lines: readonly OverLimit[]): AppError {
  return new AppError('quantity_limit', { detail: lines.slice(0, 1).map(explain).join(), extra: { lines } });
}

function explain({ requested, limit, bought = 0, customerLimit }: OverLimit): string {
  const advice = limit > 0 ? `Lower the quantity to ${limit}.` : 'Remove it from the cart.';
  if (bought === 0) return `At most ${limit} of this variant may be bought, not ${requested}. ${advice}`;
  return `One customer may buy ${customerLimit} of this variant in all orders together; you have bought ${bought} and asked for ${requested} more. ${advice}`;
}

import type { Config } from '../../platform/config.js';
import { AppError } from '../../platform/errors.js';
import type { CartDocument } from '../documents/cart-document.js';

export type QuantitySettings = Pick<Config, 'MAX_QUANTITY_PER_ORDER' | 'MAX_QUANTITY_PER_CUSTOMER'>;

/** A line that is more than may be bought. */
export interface OverLimit {
  readonly variantId: string;
  readonly requested: number;
  /** How many may be. */
  readonly limit: number;
}

/** The most of one variant in one order: what one customer may buy altogether is no more in one order. */
export function limitOfCart({ customerId }: CartDocument, settings: QuantitySettings): number {
  const { MAX_QUANTITY_PER_ORDER, MAX_QUANTITY_PER_CUSTOMER = Number.POSITIVE_INFINITY } = settings;
  return customerId === undefined
    ? MAX_QUANTITY_PER_ORDER
    : Math.min(MAX_QUANTITY_PER_ORDER, MAX_QUANTITY_PER_CUSTOMER);
}

/**
 * Lines that grew must keep to the limit; others may be over it, since limits change, and be lowered.
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

export function quantityLimit(lines: readonly OverLimit[]): AppError {
  const [first] = lines;
  return new AppError('quantity_limit', {
    detail: `At most ${first?.limit} of this variant may be bought, not ${first?.requested}. Lower the quantity.`,
    extra: { lines },
  });
}

// What a cart costs now: pure, from offers and rules that are given. Shipping is not known before checkout, so it is
// absent here; the total of a checkout is this total, shipping and the tax on it.
import type { Offer } from '../catalog/index.js';
import type { AppliedDiscount, RefusedDiscount } from '../discounts/index.js';
import type { CartLine } from './documents/cart-document.js';
import { type LinesToPrice, type PriceSources, priceSold, soldLines } from './price-sold.js';

/** A line that can be bought, with its price in minor units of the cart's currency. */
export interface OfferedLine {
  readonly state: 'offered';
  readonly line: CartLine;
  readonly offer: Offer;
  readonly unitPriceMinor: number;
  readonly subtotalMinor: number;
  readonly discountMinor: number;
  readonly taxMinor: number;
  readonly totalMinor: number;
}

/** A line that is no longer sold (no offer), or not in the cart's currency. It adds nothing to the totals. */
export interface UnavailableLine {
  readonly state: 'unavailable';
  readonly line: CartLine;
  readonly offer: Offer | undefined;
}

/** What a cart costs, in minor units of its currency; shipping is not in it. */
export interface CartQuote {
  /** In the order of the cart. */
  readonly lines: readonly (OfferedLine | UnavailableLine)[];
  readonly ruleSetVersion: number;
  readonly discounts: readonly AppliedDiscount[];
  readonly refusedDiscounts: readonly RefusedDiscount[];
  readonly subtotalMinor: number;
  readonly discountMinor: number;
  readonly taxMinor: number;
  readonly totalMinor: number;
}

/** @throws AppError `validation_failed` when the cart is worth more than a cart can be. */
export function quoteCart(cart: LinesToPrice<CartLine>, sources: PriceSources): CartQuote {
  const priced = priceSold(soldLines(cart, sources.offers), cart, sources, 0);
  const sold = new Map(priced.lines.map((one) => [one.line, one]));
  return {
    lines: cart.lines.map((line) => {
      const price = sold.get(line);
      return price
        ? { state: 'offered', ...price }
        : { state: 'unavailable', line, offer: sources.offers.get(line.variantId) };
    }),
    ruleSetVersion: sources.ruleSet.version,
    discounts: priced.applied,
    refusedDiscounts: priced.refused,
    subtotalMinor: priced.subtotalMinor,
    discountMinor: priced.discountMinor,
    taxMinor: priced.taxMinor,
    totalMinor: priced.totalMinor,
  };
}

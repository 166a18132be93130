// What a cart costs now: pure, from offers and rules that are given. Shipping is not known before checkout, so it is
// absent here; the total of a checkout is this total, shipping and the tax on it.
import type { Offer } from '../catalog/index.js';
import {
  type AppliedDiscount,
  priceLines,
  type RefusedDiscount,
  type RuleSet,
  type TaxRule,
} from '../discounts/index.js';
import type { Cart, CartLine } from './documents/cart-document.js';

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

/** A line that is no longer sold (no offer), or not in the cart's currency. It counts for nothing. */
export interface UnavailableLine {
  readonly state: 'unavailable';
  readonly line: CartLine;
  readonly offer: Offer | undefined;
}

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

/** What prices depend on beside the cart. */
export interface PriceSources {
  readonly offers: ReadonlyMap<string, Offer>;
  readonly ruleSet: RuleSet;
  readonly exhaustedCodes: readonly string[];
  readonly tax: TaxRule;
  readonly nowMs: number;
}

/** @throws AppError `validation_failed` when the cart is worth more than a cart can be. */
export function quoteCart(cart: Pick<Cart, 'currency' | 'lines' | 'discountCodes'>, sources: PriceSources): CartQuote {
  const found = cart.lines.map((line) => ({ line, offer: sources.offers.get(line.variantId) }));
  const priced = priceLines({
    ...sources,
    currency: cart.currency,
    lines: found.flatMap(({ line, offer }) => {
      const price = offer?.prices[cart.currency];
      if (!offer || !price) return [];
      const { taxable, requiresShipping } = offer;
      return [
        {
          line,
          offer,
          variantId: line.variantId,
          quantity: line.quantity,
          unitPriceMinor: price.amountMinor,
          taxable,
          requiresShipping,
        },
      ];
    }),
    codes: cart.discountCodes,
    shippingMinor: 0,
  });
  const offered = new Map(priced.lines.map((one) => [one.line, one]));
  return {
    lines: found.map(({ line, offer }) => {
      const price = offered.get(line);
      return price ? { state: 'offered', ...price } : { state: 'unavailable', line, offer };
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

// What a checkout costs: one function for the quote a customer sees (cached prices and rules) and for the price of the
// order (prices and rules as PostgreSQL has them), so that both can only differ by what was really changed.
import type { Offer } from '../../catalog/index.js';
import { priceLines, type RuleSet } from '../../discounts/index.js';
import type { Config } from '../../platform/config.js';
import type { Quote } from './checkout-session.js';

export interface LinesToQuote {
  readonly currency: string;
  readonly lines: readonly { readonly variantId: string; readonly quantity: number }[];
  readonly discountCodes: readonly string[];
}

export type QuoteResult =
  | { readonly kind: 'quoted'; readonly quote: Quote }
  /** These variants are not sold (any more), or not in this currency. */
  | { readonly kind: 'unavailable'; readonly variantIds: readonly string[] };

/** What prices depend on beside the lines. */
export interface PriceSources {
  readonly offers: ReadonlyMap<string, Offer>;
  readonly ruleSet: RuleSet;
  /** Codes that have been used as often as they may be. */
  readonly exhaustedCodes: readonly string[];
  readonly rates: Rates;
  readonly nowMs: number;
}

type Rates = Pick<Config, 'SHIPPING_FLAT_RATES' | 'TAX_RATE_BASIS_POINTS' | 'TAX_INCLUSIVE'>;

/** Prices a cart. Pure: offers and rules are given. */
export function quoteLines(cart: LinesToQuote, sources: PriceSources): QuoteResult {
  const { offers, ruleSet, exhaustedCodes, rates, nowMs } = sources;
  const lines = cart.lines.flatMap(({ variantId, quantity }) => {
    const offer = offers.get(variantId);
    const price = offer?.prices[cart.currency];
    if (!offer || !price) return [];
    const { productId, sku, taxable, requiresShipping } = offer;
    const title = offer.title ? `${offer.productTitle}, ${offer.title}` : offer.productTitle;
    return [
      { variantId, quantity, productId, sku, title, taxable, requiresShipping, unitPriceMinor: price.amountMinor },
    ];
  });
  const shippingMinor = rates.SHIPPING_FLAT_RATES[cart.currency];
  if (lines.length < cart.lines.length || shippingMinor === undefined) {
    const sold = new Set(lines.map((line) => line.variantId));
    return { kind: 'unavailable', variantIds: cart.lines.map((line) => line.variantId).filter((id) => !sold.has(id)) };
  }
  const priced = priceLines({
    currency: cart.currency,
    lines,
    ruleSet,
    codes: cart.discountCodes,
    exhaustedCodes,
    nowMs,
    shippingMinor,
    tax: { rateBasisPoints: rates.TAX_RATE_BASIS_POINTS, inclusive: rates.TAX_INCLUSIVE },
  });
  return {
    kind: 'quoted',
    quote: {
      currency: cart.currency,
      ruleSetVersion: ruleSet.version,
      lines: priced.lines.map(({ taxable: _taxable, requiresShipping: _shipped, ...line }) => line),
      discounts: [...priced.applied],
      refusedDiscounts: [...priced.refused],
      subtotalMinor: priced.subtotalMinor,
      discountMinor: priced.discountMinor,
      shippingMinor: priced.shippingMinor,
      taxMinor: priced.taxMinor,
      totalMinor: priced.totalMinor,
    },
  };
}

/** Whether the customer would pay the same for the same things: all amounts, line by line, and the codes that count. */
export function isSamePrice(one: Quote, other: Quote): boolean {
  return amountsOf(one) === amountsOf(other);
}

function amountsOf(quote: Quote): string {
  const { currency, lines, discounts, subtotalMinor, discountMinor, shippingMinor, taxMinor, totalMinor } = quote;
  const perLine = lines.map((line) => [line.variantId, line.quantity, line.unitPriceMinor, line.totalMinor]);
  const codes = discounts.map((discount) => [discount.code, discount.amountMinor]);
  return JSON.stringify([currency, perLine, codes, subtotalMinor, discountMinor, shippingMinor, taxMinor, totalMinor]);
}

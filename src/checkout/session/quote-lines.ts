// What a checkout costs: one function for the quote a customer sees (cached prices and rules) and for the price of the
// order (prices and rules as PostgreSQL has them), so that they differ only by what has really changed.
import { type LinesToPrice, type PriceSources, priceSold, type SoldLine, soldLines } from '../../cart/index.js';
import { titleOf } from '../../catalog/index.js';
import type { LinePrice } from '../../discounts/index.js';
import type { Quote } from './checkout-session.js';

export type QuoteResult =
  | { readonly kind: 'quoted'; readonly quote: Quote }
  /** These variants are not sold (any more), or not in this currency. */
  | { readonly kind: 'unavailable'; readonly variantIds: readonly string[] };

/** Prices the lines of a cart. Pure: offers and rules are given. */
export function quoteLines(cart: LinesToPrice, sources: PriceSources): QuoteResult {
  const sold = soldLines(cart, sources.offers);
  const shippingMinor = sources.rates.SHIPPING_FLAT_RATES[cart.currency];
  if (sold.length < cart.lines.length || shippingMinor === undefined) {
    const isSold = new Set(sold.map(({ line }) => line));
    const unavailable = cart.lines.filter((line) => !isSold.has(line));
    return { kind: 'unavailable', variantIds: unavailable.map(({ variantId }) => variantId) };
  }
  const priced = priceSold(sold, cart, sources, shippingMinor);
  return {
    kind: 'quoted',
    quote: {
      currency: cart.currency,
      ruleSetVersion: sources.ruleSet.version,
      lines: priced.lines.map(toQuotedLine),
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

function toQuotedLine({ offer, ...line }: SoldLine<unknown> & LinePrice): Quote['lines'][number] {
  const { variantId, quantity, unitPriceMinor, subtotalMinor, discountMinor, taxMinor, totalMinor } = line;
  const what = { variantId, quantity, productId: offer.productId, sku: offer.sku, title: titleOf(offer) };
  return { ...what, unitPriceMinor, subtotalMinor, discountMinor, taxMinor, totalMinor };
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

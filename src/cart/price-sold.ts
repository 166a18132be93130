// Shared by the quotes of carts, checkouts and orders: which lines are sold, and what they cost. Pure.
import type { Offer } from '../catalog/index.js';
import { type PriceAnswer, type PriceableLine, priceLines, type RuleSet } from '../discounts/index.js';
import type { Config } from '../platform/config.js';

/** What is to be priced: the variant and quantity of each line, in an ISO 4217 currency, with these codes. */
export interface LinesToPrice<L extends LineToPrice = LineToPrice> {
  readonly currency: string;
  readonly lines: readonly L[];
  readonly discountCodes: readonly string[];
}

interface LineToPrice {
  readonly variantId: string;
  readonly quantity: number;
}

/** What prices depend on besides the lines: from caches for prices that are shown, from PostgreSQL for an order. */
export interface PriceSources {
  /** By variant; those not sold are absent. */
  readonly offers: ReadonlyMap<string, Offer>;
  readonly ruleSet: RuleSet;
  /** Codes that have been used as often as they may be. */
  readonly exhaustedCodes: readonly string[];
  readonly rates: Pick<Config, 'SHIPPING_FLAT_RATES' | 'TAX_RATE_BASIS_POINTS' | 'TAX_INCLUSIVE'>;
  readonly nowMs: number;
}

/** A line that is sold in the currency, as it is priced. */
export interface SoldLine<L> extends PriceableLine {
  readonly line: L;
  readonly offer: Offer;
}

/** The lines that are sold in the currency; the others have no offer, or none in it. */
export function soldLines<L extends LineToPrice>(
  { currency, lines }: LinesToPrice<L>,
  offers: PriceSources['offers'],
): SoldLine<L>[] {
  return lines.flatMap((line) => {
    const { variantId, quantity } = line;
    const offer = offers.get(variantId);
    const price = offer?.prices[currency];
    if (!offer || !price) return [];
    const { taxable, requiresShipping } = offer;
    return [{ line, offer, variantId, quantity, unitPriceMinor: price.amountMinor, taxable, requiresShipping }];
  });
}

/** What sold lines cost, with `shippingMinor` if any of them is shipped. @throws AppError `validation_failed` as `priceLines` does */
export function priceSold<L>(
  sold: readonly SoldLine<L>[],
  { currency, discountCodes: codes }: Pick<LinesToPrice, 'currency' | 'discountCodes'>,
  { ruleSet, exhaustedCodes, rates, nowMs }: PriceSources,
  shippingMinor: number,
): PriceAnswer<SoldLine<L>> {
  const tax = { rateBasisPoints: rates.TAX_RATE_BASIS_POINTS, inclusive: rates.TAX_INCLUSIVE };
  return priceLines({ currency, lines: sold, ruleSet, codes, exhaustedCodes, nowMs, shippingMinor, tax });
}

// The arithmetic of a price: pure, whole minor units, exact. The only place where lines become totals.
import { invalidField } from '../platform/errors.js';
import { MAX_AMOUNT_MINOR, mulDivRound, spreadByLargestRemainder } from '../platform/money.js';
import { type AppliedDiscount, chooseDiscounts, type RefusedDiscount } from './choose-discounts.js';
import type { RuleSet } from './rule-set.js';

/** What is needed to price a line. `quantity` ≥ 1 and `unitPriceMinor` ≥ 0, both whole. */
export interface PriceableLine {
  readonly variantId: string;
  readonly quantity: number;
  readonly unitPriceMinor: number;
  readonly taxable: boolean;
  readonly requiresShipping: boolean;
}

/** `inclusive`: prices already contain the tax. `rateBasisPoints`: 1900 is 19 %. */
export interface TaxRule {
  readonly rateBasisPoints: number;
  readonly inclusive: boolean;
}

/** All that the price of some lines depends on. Amounts are in minor units of `currency`. */
export interface PriceQuestion<L extends PriceableLine> {
  readonly currency: string;
  readonly lines: readonly L[];
  readonly ruleSet: RuleSet;
  readonly codes: readonly string[];
  readonly nowMs: number;
  /** What shipping costs; counted only when a line requires shipping. */
  readonly shippingMinor: number;
  readonly tax: TaxRule;
  /** Codes whose usage limit is known to be reached: they are refused. */
  readonly exhaustedCodes?: readonly string[];
}

/** What a line costs, in minor units. */
export interface LinePrice {
  /** Unit price × quantity. */
  readonly subtotalMinor: number;
  /** The line's part of all discounts. */
  readonly discountMinor: number;
  /** Tax on what is left; when prices are inclusive it is contained in `totalMinor`, else added to it. */
  readonly taxMinor: number;
  readonly totalMinor: number;
}

/**
 * Exclusive tax: `total = subtotal − discount + shipping + tax`. Inclusive: `total = subtotal − discount + shipping`.
 * Σ lines' totals + shipping (+ its tax when exclusive) = total; Σ of the other line amounts = the amounts here.
 */
export interface PriceAnswer<L extends PriceableLine> {
  readonly lines: readonly (L & LinePrice)[];
  readonly applied: readonly AppliedDiscount[];
  readonly refused: readonly RefusedDiscount[];
  readonly subtotalMinor: number;
  readonly discountMinor: number;
  readonly shippingMinor: number;
  /** All tax, that on shipping included. */
  readonly taxMinor: number;
  readonly shippingTaxMinor: number;
  readonly totalMinor: number;
}

/**
 * Prices lines under a rule set. Discounts are spread over the lines in proportion to their value by largest
 * remainder; tax is computed per line on the discounted value, halves up. Shipping is not discounted; it is taxed at
 * the same rate when any line that is shipped is taxable. Totals do not depend on the order of lines or codes.
 * @throws AppError `validation_failed` for `lines` when a total would exceed MAX_AMOUNT_MINOR.
 */
export function priceLines<L extends PriceableLine>(question: PriceQuestion<L>): PriceAnswer<L> {
  const { lines, tax } = question;
  const subtotals = lines.map((line) => bounded(line.unitPriceMinor * line.quantity));
  const subtotalMinor = bounded(sum(subtotals));
  const { applied, refused } = chooseDiscounts({ ...question, subtotalMinor });
  const discountMinor = sum(applied.map((discount) => discount.amountMinor));
  const discounts = spread(discountMinor, lines, subtotals);

  const priced = lines.map((line, index) => {
    const lineSubtotal = subtotals[index] ?? 0;
    const lineDiscount = discounts[index] ?? 0;
    const taxed = withTax(lineSubtotal - lineDiscount, line.taxable, tax);
    return { ...line, subtotalMinor: lineSubtotal, discountMinor: lineDiscount, ...taxed };
  });
  const shipped = lines.filter((line) => line.requiresShipping);
  const shippingMinor = shipped.length > 0 ? question.shippingMinor : 0;
  const shipping = withTax(
    shippingMinor,
    shipped.some((line) => line.taxable),
    tax,
  );
  return {
    lines: priced,
    applied,
    refused,
    subtotalMinor,
    discountMinor,
    shippingMinor,
    taxMinor: sum(priced.map((line) => line.taxMinor)) + shipping.taxMinor,
    shippingTaxMinor: shipping.taxMinor,
    totalMinor: bounded(sum(priced.map((line) => line.totalMinor)) + shipping.totalMinor),
  };
}

function withTax(valueMinor: number, taxable: boolean, tax: TaxRule): { taxMinor: number; totalMinor: number } {
  if (!taxable) return { taxMinor: 0, totalMinor: valueMinor };
  if (tax.inclusive) {
    const taxMinor = mulDivRound(valueMinor, tax.rateBasisPoints, 10_000 + tax.rateBasisPoints);
    return { taxMinor, totalMinor: valueMinor };
  }
  const taxMinor = mulDivRound(valueMinor, tax.rateBasisPoints, 10_000);
  return { taxMinor, totalMinor: valueMinor + taxMinor };
}

/**
 * Spreads the discount in a canonical order of the lines: the odd unit then goes to the same line however the cart is
 * sorted. Otherwise the tax, and with it the total, could depend on the order when only some lines are taxable.
 */
function spread(discountMinor: number, lines: readonly PriceableLine[], subtotals: readonly number[]): number[] {
  const order = lines.map((line, index) => ({ line, index })).sort((a, b) => canonicalOrder(a.line, b.line));
  const parts = spreadByLargestRemainder(
    discountMinor,
    order.map(({ index }) => subtotals[index] ?? 0),
  );
  const result: number[] = [];
  for (const [position, { index }] of order.entries()) result[index] = parts[position] ?? 0;
  return result;
}

/** Lines that are equal here are the same to every total, so their order does not matter. */
function canonicalOrder(a: PriceableLine, b: PriceableLine): number {
  if (a.variantId !== b.variantId) return a.variantId < b.variantId ? -1 : 1;
  return a.unitPriceMinor - b.unitPriceMinor || a.quantity - b.quantity || Number(a.taxable) - Number(b.taxable);
}

/** Inexact products beyond 2^53 are still far above the limit, so comparing doubles is safe here. */
function bounded(amountMinor: number): number {
  if (amountMinor > MAX_AMOUNT_MINOR) {
    throw invalidField(
      'lines',
      'total_too_large',
      `are worth more than a cart can be (${MAX_AMOUNT_MINOR} minor units)`,
    );
  }
  return amountMinor;
}

const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);

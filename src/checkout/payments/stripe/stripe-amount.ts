// Amounts as Stripe's API takes them: the smallest unit, with exceptions. Source: Stripe, "Supported currencies", zero-decimal
// and three-decimal currencies, special cases. An amount that Stripe cannot take exactly is refused, never rounded.
import { currencyDecimals } from '../../../platform/money.js';

// Without decimals in ISO 4217; Stripe takes two, which must be 00.
const TWO_DECIMALS_AT_STRIPE = new Set(['ISK', 'UGX']);
// With two decimals in ISO 4217; Stripe takes none.
const NO_DECIMALS_AT_STRIPE = new Set(['MGA']);

/** @returns undefined when Stripe cannot take this amount exactly */
export function toStripeAmount(amountMinor: number, currency: string): number | undefined {
  if (TWO_DECIMALS_AT_STRIPE.has(currency)) return amountMinor * 100;
  if (NO_DECIMALS_AT_STRIPE.has(currency)) return amountMinor % 100 === 0 ? amountMinor / 100 : undefined;
  // The last of three decimals must be 0.
  if (currencyDecimals(currency) === 3 && amountMinor % 10 !== 0) return undefined;
  return amountMinor;
}

/** The reverse, of amounts that Stripe answered with. */
export function fromStripeAmount(amount: number, currency: string): number {
  if (TWO_DECIMALS_AT_STRIPE.has(currency)) return Math.round(amount / 100);
  return NO_DECIMALS_AT_STRIPE.has(currency) ? amount * 100 : amount;
}

import type { Quote } from './checkout-session.js';

export interface ShippingMethod {
  readonly id: string;
  readonly title: string;
  readonly priceMinor: number;
}

/** How a checkout can be shipped: one flat rate, which the quote already contains. */
export function shippingMethodsOf(quote: Quote): readonly ShippingMethod[] {
  return [{ id: 'standard', title: 'Standard shipping', priceMinor: quote.shippingMinor }];
}

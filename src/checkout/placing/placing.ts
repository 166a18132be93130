// What becomes of the order of an authorized attempt.
import type { OverLimit } from '../../cart/index.js';
import type { ShortLine } from '../../inventory/index.js';
import type { StoredAnswer } from '../../platform/idempotency/idempotency.repository.js';
import type { Attempt } from '../payments/attempt.js';
import type { CheckoutSession, Quote } from '../session/checkout-session.js';

/** Why an order cannot be placed although its payment is authorized. */
export type Refusal =
  | { readonly kind: 'short'; readonly lines: readonly ShortLine[] }
  | { readonly kind: 'quantity_limit'; readonly lines: readonly OverLimit[] }
  | { readonly kind: 'price_changed'; readonly quote: Quote }
  | { readonly kind: 'unavailable'; readonly variantIds: readonly string[] }
  | { readonly kind: 'discount_exhausted'; readonly codes: readonly string[] }
  /** With the prices of now, the cart cannot be priced any more. */
  | { readonly kind: 'unpriceable'; readonly text: string }
  | { readonly kind: 'cart_ordered' };

export interface PlacedOrder {
  readonly kind: 'placed';
  readonly answer: StoredAnswer;
  /** As it is now; undefined when it had moved on. */
  readonly session: CheckoutSession | undefined;
}

export type Placing =
  | PlacedOrder
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** Another worker has taken the attempt over. */
  | { readonly kind: 'lost' };

/** An order to be written: its attempt, and the price that was agreed to and is still the price. */
export interface AgreedOrder {
  readonly attempt: Attempt;
  readonly quote: Quote;
  readonly number: number;
  readonly placedAt: Date;
}

/** Another worker has taken over an attempt of the transaction: it is rolled back. In a batch it does not say which one. */
export class AttemptLost extends Error {}

/** Carries a refusal out of the transaction, so that it is rolled back. In a batch it does not say which order. */
export class OrderRefused extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.kind);
  }
}

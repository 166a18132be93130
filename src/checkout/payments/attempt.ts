import { z } from 'zod';
import { address, quote } from '../session/checkout-session.js';

export type AttemptState =
  | 'paying'
  | 'authorized'
  | 'placed'
  | 'captured'
  | 'declined'
  | 'voiding'
  | 'voided'
  | 'review';

/** What the customer agreed to when pressing "buy": the order is made from this and from nothing else. */
export const agreement = z.object({
  customerId: z.string().optional(),
  email: z.string().optional(),
  discountCodes: z.array(z.string()),
  shippingAddress: address.optional(),
  billingAddress: address.optional(),
  shippingMethodId: z.string().optional(),
  quote,
});
export type Agreement = z.infer<typeof agreement>;

/** How an attempt ended without an order, and what the checkout goes back to. */
export const ending = z.object({
  /** `reserved`: the customer can pay again, by the new quote if there is one. `expired`: only a new checkout helps. */
  checkout: z.enum(['reserved', 'expired']),
  quote: quote.optional(),
});
export type Ending = z.infer<typeof ending>;

/** One try to pay one checkout. Its id is also the provider's idempotency key. */
export interface Attempt {
  readonly id: string;
  readonly checkoutId: string;
  readonly cartId: string;
  /** The id that the order will have, so that every repetition makes the same one. */
  readonly orderId: string;
  readonly provider: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly state: AttemptState;
  /** Whoever writes must still have this number; a take-over raises it. */
  readonly fence: number;
  readonly agreement: Agreement;
  readonly ending?: Ending;
  readonly idempotencyScope: string;
  readonly idempotencyKey: string;
}

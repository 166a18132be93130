import { z } from 'zod';
import { checkoutSession, quote } from '../session/checkout-session.js';
import type { AttemptState } from './attempt-states.js';

/** What the customer agreed to when pressing "buy": the order is made from this and from nothing else. */
export const agreement = checkoutSession.pick({
  customerId: true,
  email: true,
  discountCodes: true,
  shippingAddress: true,
  billingAddress: true,
  shippingMethodId: true,
  quote: true,
});
export type Agreement = z.infer<typeof agreement>;

/** What the checkout goes back to when an attempt ended without an order. */
export const ending = z.object({
  /** `reserved`: the customer can pay again, at the new quote if there is one. `expired`: only a new checkout helps. */
  checkout: z.enum(['reserved', 'expired']),
  quote: quote.optional(),
});
export type Ending = z.infer<typeof ending>;

/** The payment waits for its customer, until then. */
export const pendingAction = z.object({ type: z.string(), expiresAtMs: z.int() });
export type PendingAction = z.infer<typeof pendingAction>;

/**
 * Why a person must decide, and what could not be done: capture the money (`placed`), give it back (`voiding`), or, once
 * captured, keep it or refund it for good (`captured`).
 */
export const review = z.object({ of: z.enum(['placed', 'voiding', 'captured']), reason: z.string() });
export type Review = z.infer<typeof review>;

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
  /** A writer must still have this number; a take-over raises it. */
  readonly fence: number;
  readonly agreement: Agreement;
  readonly ending?: Ending;
  readonly action?: PendingAction;
  readonly review?: Review;
  readonly idempotencyScope: string;
  readonly idempotencyKey: string;
}

/** Whether the money has been captured, even if what happened to it since waits for a person. */
export function isCaptured({ state, review: reviewed }: { state: AttemptState; review?: Review | null }): boolean {
  return state === 'captured' || (state === 'review' && reviewed?.of === 'captured');
}

// The outcome of a request to Stripe: done, refused, or unknown. Only an explicit refusal counts as one: a time-out, a 5xx,
// a lock (409) and a rate limit (429) are thrown. Errors of the SDK carry client secrets and are not passed on as they are.
import Stripe from 'stripe';
import { withinDeadline } from '../within-deadline.js';

export type StripeReply<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string };

const REFUSALS = [400, 402, 404];

/** @throws Error when the outcome is unknown */
export async function replyOf<T>(signal: AbortSignal, call: () => Promise<T>): Promise<StripeReply<T>> {
  try {
    return { kind: 'done', value: await withinDeadline(signal, call) };
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error;
    const { statusCode, decline_code, code, type, message, requestId } = error;
    const isReused = error instanceof Stripe.errors.StripeIdempotencyError;
    if (statusCode !== undefined && REFUSALS.includes(statusCode) && !isReused) {
      return { kind: 'refused', code: decline_code || code || type, reason: message };
    }
    throw new Error(
      `Stripe: ${type} ${statusCode ?? 'without an answer'}: ${message} (request ${requestId ?? 'unknown'})`,
    );
  }
}

/** The value. @throws Error also when Stripe refused */
export async function doneBy<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  const reply = await replyOf(signal, call);
  if (reply.kind === 'done') return reply.value;
  throw new Error(`Stripe refused: ${reply.code}: ${reply.reason}`);
}

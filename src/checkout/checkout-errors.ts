// The errors that several steps of a checkout answer with.
import { AppError } from '../platform/errors.js';
import type { CheckoutSession } from './session/checkout-session.js';
import { isOpen, isPaying } from './session/transitions.js';

/** The answer for lines that are short of stock. */
export function outOfStock(lines: readonly { variantId: string; requested: number; available: number }[]): AppError {
  return new AppError('out_of_stock', {
    detail:
      'There is not enough stock. Nothing was charged. Change the quantities in the cart and begin a new checkout.',
    extra: { lines },
  });
}

/** The answer for a cart with lines that are not sold any more, and so have no price. */
export function notSold(
  lines: readonly { variantId: string; quantity: number }[],
  variantIds: readonly string[],
): AppError {
  const gone = lines.filter(({ variantId }) => variantIds.includes(variantId));
  return new AppError('price_changed', {
    detail:
      'What stands in `lines` is not sold any more, or not in the currency of the cart. Nothing was charged. Remove it from the cart and begin a new checkout.',
    extra: { lines: gone.map(({ variantId, quantity }) => ({ variantId, requested: quantity, state: 'unavailable' })) },
  });
}

/** The answer for a checkout that can no longer be changed or paid. */
export function closed(session: CheckoutSession): AppError {
  return new AppError('checkout_closed', {
    detail: session.orderId
      ? `This checkout has become the order ${session.orderId}, which is ${session.state}. ${howToRead(session)}`
      : `The checkout is ${session.state}. Begin a new one from a cart.`,
    extra: { state: session.state, ...(session.orderId && { orderId: session.orderId }) },
  });
}

/** A guest has only the token of the answer that placed the order. */
function howToRead({ orderId, customerId }: CheckoutSession): string {
  const read = `Read it at GET /v1/orders/${orderId}`;
  if (customerId !== undefined) return `${read}.`;
  return `${read} with the header X-Order-Token: the accessToken in the answer that placed it. Complete again with the Idempotency-Key of that request to get the same answer.`;
}

/** The request is not over; the same request can be sent again after a moment. */
export function inProgress(detail: string): AppError {
  return new AppError('checkout_in_progress', {
    detail: `${detail} Send the same request again shortly.`,
    retryAfterS: 1,
  });
}

/** @throws AppError `checkout_in_progress` or `checkout_closed` when the checkout can no longer be changed or paid */
export function requireOpen(session: CheckoutSession): void {
  if (isPaying(session.state)) throw inProgress('A request is completing this checkout.');
  if (!isOpen(session.state)) throw closed(session);
}

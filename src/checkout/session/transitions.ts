// The states of a checkout and every way from one to the next. Pure; nothing else decides whether a move is allowed.

export const CHECKOUT_STATES = [
  'open',
  'reserved',
  'paying',
  'authorized',
  'declined',
  'placed',
  'captured',
  'expired',
  'cancelled',
  'voiding',
  'voided',
  'review',
] as const;
export type CheckoutState = (typeof CHECKOUT_STATES)[number];

const next: Record<CheckoutState, readonly CheckoutState[]> = {
  open: ['reserved', 'expired', 'cancelled'],
  reserved: ['paying', 'expired', 'cancelled'],
  // A payment that ends without an order gives the checkout back: its attempt is what is declined or voided.
  paying: ['authorized', 'placed', 'captured', 'declined', 'voiding', 'review', 'reserved', 'expired'],
  authorized: ['placed', 'captured', 'voiding', 'review', 'reserved', 'expired'],
  declined: ['reserved', 'expired', 'cancelled'],
  placed: ['captured', 'review'],
  captured: [],
  expired: [],
  cancelled: [],
  voiding: ['voided', 'reserved', 'expired', 'review'],
  voided: ['reserved', 'expired'],
  review: ['placed', 'voiding'],
};

/** Whether a checkout may go from one state to the other. */
export function mayMove(from: CheckoutState, to: CheckoutState): boolean {
  return next[from].includes(to);
}

/** Whether the customer can still change or pay the checkout. */
export function isOpen(state: CheckoutState): boolean {
  return state === 'open' || state === 'reserved' || state === 'declined';
}

/** Whether a payment is under way: nothing may be changed until it has ended. */
export function isPaying(state: CheckoutState): boolean {
  return state === 'paying' || state === 'authorized' || state === 'voiding';
}

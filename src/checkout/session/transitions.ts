// The states of a checkout and the moves between them; those of its payment, from authorized to voided, are in
// `payments/attempt-states.ts`. Pure. Every move is checked against this table, including those made in SQL (`moves.ts`).

export const CHECKOUT_STATES = ['reserved', 'paying', 'placed', 'captured', 'expired', 'cancelled'] as const;
export type CheckoutState = (typeof CHECKOUT_STATES)[number];

const next: Record<CheckoutState, readonly CheckoutState[]> = {
  reserved: ['paying', 'expired', 'cancelled'],
  // A payment that ends without an order reopens the checkout or ends it; only its attempt is declined or voided.
  paying: ['placed', 'reserved', 'expired'],
  placed: ['captured'],
  captured: [],
  expired: [],
  cancelled: [],
};

/** Whether a checkout may go from one state to the other. */
export function mayMove(from: CheckoutState, to: CheckoutState): boolean {
  return next[from].includes(to);
}

/** Whether the customer can still change or pay the checkout. */
export function isOpen(state: CheckoutState): boolean {
  return state === 'reserved';
}

/** Whether a payment is under way: nothing may be changed until it has ended. */
export function isPaying(state: CheckoutState): boolean {
  return state === 'paying';
}

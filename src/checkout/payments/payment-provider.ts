// What the shop needs of a payment provider. Every call names the payment by our own key, so a call that is repeated
// is the same payment, and one whose answer was lost can be asked for.

/** Our name for one payment: the id of its attempt. The provider uses it as its idempotency key. */
export type PaymentKey = string;

export interface Charge {
  readonly key: PaymentKey;
  readonly amountMinor: number;
  readonly currency: string;
  readonly token: string;
}

/** What the provider knows of a payment. `none`: it has never heard of it. */
export type PaymentStatus =
  | { readonly kind: 'authorized'; readonly reference: string }
  | { readonly kind: 'declined'; readonly reason: string }
  | { readonly kind: 'captured'; readonly reference: string }
  | { readonly kind: 'voided' }
  | { readonly kind: 'none' };

/**
 * A provider. Each method throws when the outcome is unknown (time-out, provider's 5xx): unknown is never failed.
 * The signal ends a call at its deadline.
 */
export interface PaymentProvider {
  readonly name: string;
  /** Whether the token is one that this provider could have given out; checked before anything is written. */
  accepts(token: string): boolean;
  authorize(charge: Charge, signal: AbortSignal): Promise<PaymentStatus>;
  /** Takes the authorized money. Repeating it takes it once. */
  capture(key: PaymentKey, amountMinor: number, signal: AbortSignal): Promise<PaymentStatus>;
  /** Gives an authorization back. An unknown key is voided ahead: a late `authorize` with it authorizes nothing. */
  void(key: PaymentKey, signal: AbortSignal): Promise<PaymentStatus>;
  fetch(key: PaymentKey, signal: AbortSignal): Promise<PaymentStatus>;
}

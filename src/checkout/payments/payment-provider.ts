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

/** What the customer has to do before a payment can go on. The secret is for the customer's browser and is kept nowhere. */
export interface NextAction {
  /** The provider's name for it, such as `use_stripe_sdk` or `redirect_to_url`. */
  readonly type: string;
  readonly clientSecret?: string | undefined;
  readonly redirectUrl?: string | undefined;
}

/** What the provider knows of a payment. */
export type PaymentStatus =
  | { readonly kind: 'authorized'; readonly reference: string }
  /** `isOpen`: the provider would still take another try for it, so it has to be voided. */
  | { readonly kind: 'declined'; readonly reason: string; readonly code?: string; readonly isOpen?: boolean }
  | { readonly kind: 'requires_action'; readonly action: NextAction }
  /** `refundedMinor`: how much of it has been given back, by whomever. */
  | { readonly kind: 'captured'; readonly reference: string; readonly refundedMinor: number }
  | { readonly kind: 'voided' }
  /** Nothing was authorized: the provider has never heard of it, or was not asked to take it. */
  | { readonly kind: 'none' };

export type RefundStatus = { readonly kind: 'refunded' } | { readonly kind: 'refused'; readonly reason: string };

export interface Refund {
  readonly key: PaymentKey;
  /** Our name for the refund, unique within its payment. */
  readonly refundKey: string;
  readonly amountMinor: number;
}

/** A refund as the provider has it. */
export interface ProviderRefund {
  readonly reference: string;
  /** Our name for it; absent when it was made there. */
  readonly refundKey: string | undefined;
  readonly amountMinor: number;
  /** One that had reached the bank may come back later. */
  readonly outcome: RefundStatus;
}

/** `inquiry`: the bank asks. `open`, `lost`: the money is gone, for now or for good. `won`, `closed`: it is not. */
export type DisputeState = 'inquiry' | 'open' | 'won' | 'lost' | 'closed';

export interface ProviderDispute {
  readonly reference: string;
  readonly amountMinor: number;
  readonly state: DisputeState;
  readonly reason: string;
}

/** What has become of captured money, as the provider has it now. */
export interface SinceCapture {
  readonly refunds: readonly ProviderRefund[];
  readonly disputes: readonly ProviderDispute[];
}

export type WebhookHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** What a webhook says: its own id, and the payment it is about, if it is about one. Its content is not believed. */
export type WebhookReading =
  | { readonly kind: 'event'; readonly id: string; readonly payment: PaymentKey | undefined }
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * A provider. Each method throws when the outcome is unknown (time-out, provider's 5xx): unknown is never failed.
 * The signal ends a call at its deadline.
 */
export interface PaymentProvider {
  readonly name: string;
  /** `by_hand`: the money comes outside the shop, and an administrator says when. */
  readonly captures: 'when_placed' | 'by_hand';
  /** All tokens that it takes, if they can be listed. */
  readonly tokens?: readonly string[];
  /** Whether the token is one that this provider could have given out; checked before anything is written. */
  accepts(token: string): boolean;
  authorize(charge: Charge, signal: AbortSignal): Promise<PaymentStatus>;
  /** Takes the authorized money. Repeating it takes it once. */
  capture(key: PaymentKey, amountMinor: number, signal: AbortSignal): Promise<PaymentStatus>;
  /** Gives an authorization back. An unknown key is voided in advance: a late `authorize` with it authorizes nothing. */
  void(key: PaymentKey, signal: AbortSignal): Promise<PaymentStatus>;
  /** Gives captured money back. Repeating it with the same keys gives it back once. */
  refund(refund: Refund, signal: AbortSignal): Promise<RefundStatus>;
  fetch(key: PaymentKey, signal: AbortSignal): Promise<PaymentStatus>;
  /** Refunds and disputes of a captured payment, for a provider where they can arise without the shop. */
  sinceCapture?(key: PaymentKey, signal: AbortSignal): Promise<SinceCapture>;
  /** Reads a webhook after checking its signature over exactly these bytes. */
  readWebhook(body: Buffer, headers: WebhookHeaders): Promise<WebhookReading>;
}

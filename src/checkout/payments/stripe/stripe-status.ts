import type Stripe from 'stripe';
import type { PaymentStatus } from '../payment-provider.js';
import { fromStripeAmount } from './stripe-amount.js';

/** What an intent, with its latest charge, means to the shop. @throws Error while Stripe itself does not know */
export function statusOf(intent: Stripe.PaymentIntent): PaymentStatus {
  const { status, id, last_payment_error: failure } = intent;
  switch (status) {
    case 'requires_capture':
      return { kind: 'authorized', reference: id };
    case 'succeeded':
      return { kind: 'captured', reference: id, refundedMinor: refundedMinorOf(intent) };
    case 'canceled':
      return { kind: 'voided' };
    case 'requires_action':
      return { kind: 'requires_action', action: actionOf(intent) };
    case 'requires_payment_method':
    case 'requires_confirmation': {
      if (!failure) return { kind: 'none' };
      const code = failure.decline_code ?? failure.code;
      // `isOpen`: the customer's browser could confirm the intent once more, with another card.
      return {
        kind: 'declined',
        reason: failure.message ?? 'The payment failed.',
        ...(code && { code }),
        isOpen: true,
      };
    }
    default:
      throw new Error(`Stripe has not finished with ${id}: it is ${status}.`);
  }
}

function actionOf({ next_action: next, client_secret: secret }: Stripe.PaymentIntent) {
  return {
    type: next?.type ?? 'use_stripe_sdk',
    clientSecret: secret ?? undefined,
    redirectUrl: next?.redirect_to_url?.url ?? undefined,
  };
}

function refundedMinorOf({ latest_charge: charge, currency }: Stripe.PaymentIntent): number {
  if (charge === null || typeof charge === 'string') throw new Error('Stripe did not send the charge of an intent.');
  return fromStripeAmount(charge.amount_refunded, currency.toUpperCase());
}

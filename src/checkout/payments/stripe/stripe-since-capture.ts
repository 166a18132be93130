// What Stripe's refunds and disputes mean to the shop.
import type Stripe from 'stripe';
import type { DisputeState, ProviderDispute, ProviderRefund, RefundStatus } from '../payment-provider.js';
import { fromStripeAmount } from './stripe-amount.js';

/** A pending refund counts as made; Stripe sends a webhook should the bank send it back. */
export function refundStatusOf({ status, failure_reason: failure }: Stripe.Refund): RefundStatus {
  if (status !== 'failed' && status !== 'canceled') return { kind: 'refunded' };
  return { kind: 'refused', reason: `The refund ${status}${failure ? `: ${failure}` : ''}.` };
}

export function toProviderRefund(refund: Stripe.Refund): ProviderRefund {
  return {
    reference: refund.id,
    refundKey: refund.metadata?.refundKey,
    amountMinor: fromStripeAmount(refund.amount, refund.currency.toUpperCase()),
    outcome: refundStatusOf(refund),
  };
}

export function toProviderDispute({ id, amount, currency, status, reason }: Stripe.Dispute): ProviderDispute {
  const amountMinor = fromStripeAmount(amount, currency.toUpperCase());
  return { reference: id, amountMinor, state: disputeStateOf(status), reason };
}

/** A person has to look at a status that Stripe adds later. */
function disputeStateOf(status: string): DisputeState {
  switch (status) {
    case 'warning_needs_response':
    case 'warning_under_review':
      return 'inquiry';
    case 'warning_closed':
    case 'prevented':
      return 'closed';
    case 'won':
    case 'lost':
      return status;
    default:
      return 'open';
  }
}

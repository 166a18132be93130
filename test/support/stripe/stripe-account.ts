// An account at Stripe: its payment intents with manual capture, its refunds and disputes, and what its API answers about them.
import { randomBytes } from 'node:crypto';
import { newId, ok, type Reply, refusal } from './stripe-replies.js';

type Status =
  | 'requires_payment_method'
  | 'requires_confirmation'
  | 'requires_action'
  | 'processing'
  | 'requires_capture'
  | 'succeeded'
  | 'canceled';

export interface Intent {
  readonly id: string;
  readonly object: 'payment_intent';
  status: Status;
  amount: number;
  amount_received: number;
  currency: string;
  client_secret: string;
  capture_method: string;
  payment_method: string | null;
  next_action: { type: string; use_stripe_sdk?: object } | null;
  last_payment_error: object | null;
  latest_charge: { id: string; object: 'charge'; amount_refunded: number; payment_intent: string } | null;
  metadata: Record<string, string>;
}

export interface Refund {
  readonly id: string;
  readonly object: 'refund';
  readonly amount: number;
  readonly currency: string;
  readonly payment_intent: string;
  status: 'succeeded' | 'failed';
  failure_reason?: string;
  readonly metadata: Record<string, string>;
}

export interface Dispute {
  readonly id: string;
  readonly object: 'dispute';
  readonly amount: number;
  readonly currency: string;
  readonly payment_intent: string;
  readonly charge: string;
  readonly reason: string;
  status: 'warning_needs_response' | 'needs_response' | 'under_review' | 'won' | 'lost';
}

export class StripeAccount {
  readonly intents = new Map<string, Intent>();
  readonly refunds: Refund[] = [];
  readonly disputes: Dispute[] = [];

  /** What the customer does in the browser after `requires_action`. */
  authenticate(intentId: string, outcome: 'succeeds' | 'fails'): void {
    const intent = this.intents.get(intentId)!;
    if (intent.status !== 'requires_action') throw new Error(`The intent is ${intent.status}.`);
    intent.next_action = null;
    if (outcome === 'succeeds') {
      authorize(intent);
      return;
    }
    intent.status = 'requires_payment_method';
    intent.payment_method = null;
    const code = 'payment_intent_authentication_failure';
    intent.last_payment_error = {
      type: 'invalid_request_error',
      code,
      message: 'We are unable to authenticate your payment method.',
    };
  }

  /** What somebody does in Stripe's dashboard. */
  refundByHand(intentId: string, amount: number): Refund {
    return this.book(this.intents.get(intentId)!, amount, {});
  }

  /** What the bank of the customer does with a refund days later. */
  failRefund(refund: Refund, reason: string): void {
    refund.status = 'failed';
    refund.failure_reason = reason;
    this.intents.get(refund.payment_intent)!.latest_charge!.amount_refunded -= refund.amount;
  }

  dispute(intentId: string, amount: number, status: Dispute['status'] = 'needs_response'): Dispute {
    const { currency, latest_charge: charge } = this.intents.get(intentId)!;
    const dispute: Dispute = {
      id: newId('dp'),
      object: 'dispute',
      amount,
      currency,
      payment_intent: intentId,
      charge: charge!.id,
      reason: 'fraudulent',
      status,
    };
    this.disputes.push(dispute);
    return dispute;
  }

  protected route(method: string, path: string, params: URLSearchParams): Reply {
    if (method === 'POST' && path === '/v1/payment_intents') return this.create(params);
    if (method === 'POST' && path === '/v1/refunds') return this.refund(params);
    if (method === 'GET' && path === '/v1/refunds') {
      const data = this.refunds.filter((refund) => refund.payment_intent === params.get('payment_intent'));
      return ok({ object: 'list', url: path, has_more: false, data: data.reverse() });
    }
    if (method === 'GET' && path === '/v1/disputes') {
      const data = this.disputes.filter((dispute) => dispute.payment_intent === params.get('payment_intent'));
      return ok({ object: 'list', url: path, has_more: false, data: data.reverse() });
    }
    const [, id, action] = /^\/v1\/payment_intents\/(\w+)(?:\/(\w+))?$/.exec(path) ?? [];
    const intent = this.intents.get(id ?? '');
    if (!intent) return refusal(404, 'invalid_request_error', 'resource_missing', `No such payment_intent: '${id}'`);
    if (method === 'GET') return ok(seen(intent, params));
    if (action === 'confirm') return this.confirm(intent, params);
    if (action === 'capture') return capture(intent, params);
    if (action === 'cancel') return cancel(intent, params);
    return refusal(404, 'invalid_request_error', '', `Unrecognized request URL (${method}: ${path}).`);
  }

  private create(params: URLSearchParams): Reply {
    const amount = Number(params.get('amount'));
    const currency = params.get('currency') ?? '';
    if (!Number.isInteger(amount) || amount < 1)
      return refusal(400, 'invalid_request_error', 'parameter_invalid_integer', 'Invalid integer: amount');
    if (currency === 'usd' && amount < 50)
      return refusal(400, 'invalid_request_error', 'amount_too_small', 'Amount must be at least $0.50 usd');
    if (currency === 'kwd' && amount % 10 !== 0)
      return refusal(400, 'invalid_request_error', 'invalid_charge_amount', 'The last digit must be 0.');
    const id = newId('pi');
    const intent: Intent = {
      id,
      object: 'payment_intent',
      status: 'requires_payment_method',
      amount,
      amount_received: 0,
      currency,
      client_secret: `${id}_secret_${randomBytes(8).toString('hex')}`,
      capture_method: params.get('capture_method') ?? 'automatic_async',
      payment_method: null,
      next_action: null,
      last_payment_error: null,
      latest_charge: null,
      metadata: metadataOf(params),
    };
    this.intents.set(id, intent);
    return ok(seen(intent, params));
  }

  private confirm(intent: Intent, params: URLSearchParams): Reply {
    if (!['requires_payment_method', 'requires_confirmation'].includes(intent.status))
      return unexpected(intent, 'confirm');
    const method = params.get('payment_method') ?? '';
    switch (method) {
      case 'pm_card_visa':
        intent.payment_method = method;
        authorize(intent);
        return ok(seen(intent, params));
      case 'pm_card_threeDSecure2Required':
        intent.payment_method = method;
        intent.status = 'requires_action';
        intent.next_action = { type: 'use_stripe_sdk', use_stripe_sdk: { type: 'three_d_secure_redirect' } };
        return ok(seen(intent, params));
      case 'pm_card_chargeDeclinedInsufficientFunds': {
        const error = {
          type: 'card_error',
          code: 'card_declined',
          decline_code: 'insufficient_funds',
          message: 'Your card has insufficient funds.',
        };
        intent.last_payment_error = error;
        return { status: 402, body: { error: { ...error, payment_intent: seen(intent, params) } }, began: true };
      }
      default:
        return refusal(400, 'invalid_request_error', 'resource_missing', `No such PaymentMethod: '${method}'`);
    }
  }

  private refund(params: URLSearchParams): Reply {
    const intent = this.intents.get(params.get('payment_intent') ?? '');
    if (intent?.status !== 'succeeded' || !intent.latest_charge) {
      return refusal(
        400,
        'invalid_request_error',
        'charge_not_captured',
        'This PaymentIntent has no successful charge to refund.',
      );
    }
    const left = intent.amount_received - intent.latest_charge.amount_refunded;
    const amount = Number(params.get('amount') ?? left);
    if (left === 0)
      return refusal(400, 'invalid_request_error', 'charge_already_refunded', 'The charge has already been refunded.');
    if (amount > left)
      return refusal(
        400,
        'invalid_request_error',
        '',
        `Refund amount (${amount}) is greater than unrefunded amount (${left}).`,
      );
    return ok(this.book(intent, amount, metadataOf(params)));
  }

  private book(intent: Intent, amount: number, metadata: Record<string, string>): Refund {
    const refund: Refund = {
      id: newId('re'),
      object: 'refund',
      amount,
      currency: intent.currency,
      payment_intent: intent.id,
      status: 'succeeded',
      metadata,
    };
    intent.latest_charge!.amount_refunded += amount;
    this.refunds.push(refund);
    return refund;
  }
}

function authorize(intent: Intent): void {
  intent.status = intent.capture_method === 'manual' ? 'requires_capture' : 'succeeded';
  intent.last_payment_error = null;
  intent.latest_charge = { id: newId('ch'), object: 'charge', amount_refunded: 0, payment_intent: intent.id };
}

function capture(intent: Intent, params: URLSearchParams): Reply {
  if (intent.status !== 'requires_capture') return unexpected(intent, 'capture');
  const amount = Number(params.get('amount_to_capture') ?? intent.amount);
  if (amount > intent.amount)
    return refusal(400, 'invalid_request_error', 'amount_too_large', 'More than was authorized.');
  intent.status = 'succeeded';
  intent.amount_received = amount;
  return ok(seen(intent, params));
}

function cancel(intent: Intent, params: URLSearchParams): Reply {
  if (['succeeded', 'canceled', 'processing'].includes(intent.status)) return unexpected(intent, 'cancel');
  intent.status = 'canceled';
  return ok(seen(intent, params));
}

/** The charge is an id unless it is asked for. */
function seen(intent: Intent, params: URLSearchParams): object {
  const isExpanded = [...params].some(([name, value]) => name.startsWith('expand') && value === 'latest_charge');
  return structuredClone({
    ...intent,
    latest_charge: isExpanded ? intent.latest_charge : (intent.latest_charge?.id ?? null),
  });
}

function metadataOf(params: URLSearchParams): Record<string, string> {
  const entries = [...params].map(([name, value]) => [/^metadata\[(\w+)\]$/.exec(name)?.[1], value] as const);
  return Object.fromEntries(entries.filter(([name]) => name !== undefined));
}

function unexpected(intent: Intent, action: string): Reply {
  const message = `You cannot ${action} this PaymentIntent because it has a status of ${intent.status}.`;
  return { ...refusal(400, 'invalid_request_error', 'payment_intent_unexpected_state', message), began: true };
}

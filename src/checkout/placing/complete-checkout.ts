// From "buy" to an order or a clear no. Each step is durable before the next one begins: the hold is extended, the
// attempt and the idempotency key are written, only then is the provider called; what happens after that is settled by
// SettleAttempt, here or, after a crash, by recovery.
import { Inject, Injectable } from '@nestjs/common';
import type { RequestCustomer } from '../../customers/index.js';
import { invalidField } from '../../platform/errors.js';
import { answerOf } from '../../platform/idempotency/earlier-answer.js';
import {
  hashRequest,
  type IdempotencyClaim,
  type StoredAnswer,
} from '../../platform/idempotency/idempotency.repository.js';
import { type CompleteCheckoutRequest, toPaymentActionAnswer } from '../checkout.dto.js';
import { inProgress } from '../checkout-errors.js';
import type { PaymentProvider } from '../payments/payment-provider.js';
import { PaymentProviders } from '../payments/payment-providers.js';
import type { CheckoutSession } from '../session/checkout-session.js';
import { CheckoutSessionStore } from '../session/checkout-session.store.js';
import { requireOwner } from '../session/require-owner.js';
import { isOpen, isPaying } from '../session/transitions.js';
import type { Begun } from './begin-alone.js';
import { BeginAttempt } from './begin-attempt.js';
import { PayAttempt, type PaymentOutcome } from './pay-attempt.js';
import { PrepareCheckout } from './prepare-checkout.js';

@Injectable()
export class CompleteCheckout {
  constructor(
    @Inject(PaymentProviders) private readonly providers: PaymentProviders,
    @Inject(CheckoutSessionStore) private readonly sessions: CheckoutSessionStore,
    @Inject(PrepareCheckout) private readonly prepareCheckout: PrepareCheckout,
    @Inject(BeginAttempt) private readonly beginAttempt: BeginAttempt,
    @Inject(PayAttempt) private readonly payAttempt: PayAttempt,
  ) {}

  /**
   * Completes a checkout. The same key and body give the same answer, however often and from wherever they are sent. Status
   * 202 is not final: the customer has to confirm, and the same request then goes on.
   * @throws AppError `idempotency_key_reused`, `checkout_in_progress`, `hold_expired`, `checkout_closed`
   */
  async complete(
    checkoutId: string,
    key: string,
    request: CompleteCheckoutRequest,
    customer: RequestCustomer | undefined,
  ): Promise<StoredAnswer> {
    const provider = this.acceptingProvider(request);
    const read = await this.sessions.getRecent(checkoutId);
    requireOwner(read, customer);
    const claim = { scope: `complete:${read.id}`, key, requestHash: hashRequest(request) };
    const begun = await this.begin(read, claim, provider.name, customer);
    if (begun.kind === 'begun') {
      return this.answer(read.id, claim, await this.payAttempt.pay(begun.attempt, request.payment.token));
    }
    if (begun.earlier.kind !== 'running') return answerOf(begun.earlier, stillRunning);
    return this.answer(read.id, claim, await this.payAttempt.resume(read.id, key));
  }

  /**
   * Begins to pay, unless a request with this key did before. An open checkout has most likely not seen the key, which is
   * then looked up only if something fails.
   */
  private async begin(
    read: CheckoutSession,
    claim: IdempotencyClaim,
    provider: string,
    customer: RequestCustomer | undefined,
  ): Promise<Begun> {
    const earlier = isOpen(read.state) ? undefined : await this.beginAttempt.earlier(claim);
    if (earlier) return { kind: 'earlier', earlier };
    try {
      if (isPaying(read.state)) await this.payAttempt.giveUpWaiting(read.id);
      const session = await this.prepareCheckout.forPayment(read, customer);
      return await this.beginAttempt.begin(session, claim, provider);
    } catch (error) {
      // A request with this key may have begun since, or have closed the checkout.
      const since = await this.beginAttempt.earlier(claim);
      if (since) return { kind: 'earlier', earlier: since };
      throw error;
    }
  }

  private async answer(checkoutId: string, claim: IdempotencyClaim, outcome: PaymentOutcome): Promise<StoredAnswer> {
    switch (outcome.kind) {
      case 'answered':
        return outcome.answer;
      case 'action_required':
        return { status: 202, body: toPaymentActionAnswer(checkoutId, outcome) };
      case 'lost': {
        // Another worker has settled it, after a webhook for example: the answer may be there.
        const earlier = await this.beginAttempt.earlier(claim);
        if (earlier) return answerOf(earlier, stillRunning);
      }
    }
    throw inProgress('The outcome of the payment is not known yet.');
  }

  private acceptingProvider({ payment }: CompleteCheckoutRequest): PaymentProvider {
    const provider = this.providers.get(payment.provider);
    if (provider.accepts(payment.token)) return provider;
    const known = provider.tokens ? ` (${provider.tokens.join(', ')})` : '';
    throw invalidField('payment.token', 'unknown_token', `is not a token of the provider ${provider.name}${known}`);
  }
}

const stillRunning = () => inProgress('The first request with this key is still running.');

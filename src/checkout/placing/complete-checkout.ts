// From "buy" to an order or a clear no. Each step is durable before the next one begins: the hold is extended, the
// attempt and the idempotency key are written, only then is the provider called; what happens after that is settled by
// SettleAttempt, here or, after a crash, by recovery.
import { Inject, Injectable } from '@nestjs/common';
import type { RequestCustomer } from '../../customers/index.js';
import { invalidField } from '../../platform/errors.js';
import { hashRequest, type StoredAnswer } from '../../platform/idempotency/idempotency.repository.js';
import type { CompleteCheckoutRequest } from '../checkout.dto.js';
import { inProgress } from '../checkout-errors.js';
import type { PaymentProvider } from '../payments/payment-provider.js';
import { PaymentProviders } from '../payments/payment-providers.js';
import { CheckoutSessionStore } from '../session/checkout-session.store.js';
import { requireOwner } from '../session/require-owner.js';
import { BeginAttempt } from './begin-attempt.js';
import { PayAttempt } from './pay-attempt.js';
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
   * Completes a checkout. The same key and body give the same answer, however often and from wherever they are sent.
   * @throws AppError `idempotency_key_reused`, `checkout_in_progress`, `hold_expired`, `checkout_closed`
   */
  async complete(
    checkoutId: string,
    key: string,
    request: CompleteCheckoutRequest,
    customer: RequestCustomer | undefined,
  ): Promise<StoredAnswer> {
    const provider = this.acceptingProvider(request);
    const read = await this.sessions.get(checkoutId);
    requireOwner(read, customer);
    const claim = { scope: `complete:${read.id}`, key, requestHash: hashRequest(request) };
    const earlier = await this.beginAttempt.earlierAnswer(claim);
    if (earlier) return earlier;
    const session = await this.prepareCheckout.forPayment(read, customer);
    const begun = await this.beginAttempt.begin(session, claim, provider.name);
    if (begun.kind === 'answered') return begun.answer;
    const settlement = await this.payAttempt.pay(begun.attempt, request.payment.token);
    if (settlement.kind === 'answered') return settlement.answer;
    throw inProgress('The outcome of the payment is not known yet.');
  }

  private acceptingProvider({ payment }: CompleteCheckoutRequest): PaymentProvider {
    const provider = this.providers.get(payment.provider);
    if (provider.accepts(payment.token)) return provider;
    throw invalidField('payment.token', 'unknown_token', `is not a token of the provider ${provider.name}`);
  }
}

// Every attempt ends here, brought by the request that started it, a webhook, or recovery after a crash. PostgreSQL has the
// state of the attempt, the provider that of the money; the fence lets only one worker write. Nothing is given back before
// PostgreSQL says `voiding`: from then on nobody can place the order of this attempt.
import { Inject, Injectable } from '@nestjs/common';
import { AppError } from '../../platform/errors.js';
import type { StoredAnswer } from '../../platform/idempotency/idempotency.repository.js';
import { OutboxRelay } from '../../platform/outbox/outbox-relay.js';
import type { Attempt } from '../payments/attempt.js';
import { Authorizations } from '../payments/authorizations.repository.js';
import type { PaymentStatus } from '../payments/payment-provider.js';
import { CheckoutSessionStore } from '../session/checkout-session.store.js';
import { EndAttempt, type EndedBy } from './end-attempt.js';
import { PlaceOrder } from './place-order.js';
import { endedByRefusal } from './refusal.js';

export type Settlement =
  | { readonly kind: 'answered'; readonly answer: StoredAnswer }
  /** Another worker has taken the attempt over and will answer. */
  | { readonly kind: 'lost' };

/** The states that settle a payment: all but waiting for its customer. */
export type SettledStatus = Exclude<PaymentStatus, { kind: 'requires_action' }>;

@Injectable()
export class SettleAttempt {
  constructor(
    @Inject(Authorizations) private readonly authorizations: Authorizations,
    @Inject(PlaceOrder) private readonly placeOrder: PlaceOrder,
    @Inject(EndAttempt) private readonly endAttempt: EndAttempt,
    @Inject(CheckoutSessionStore) private readonly sessions: CheckoutSessionStore,
    @Inject(OutboxRelay) private readonly relay: OutboxRelay,
  ) {}

  /** Brings an attempt in state `paying` or `authorized` to its end, given what the provider knows of the payment. */
  async settle(attempt: Attempt, status: SettledStatus): Promise<Settlement> {
    switch (status.kind) {
      case 'authorized':
      case 'captured':
        return this.place(attempt, status.reference);
      case 'declined':
        return this.end(attempt, {
          state: status.isOpen ? 'voiding' : 'declined',
          ...declined(status.reason, status.code),
        });
      case 'voided':
        return this.end(attempt, { state: 'voided', ...providerFailed() });
      case 'none':
        // A request of ours may still be on its way: the outbox voids the key in advance, so that it authorizes nothing.
        return this.end(attempt, { state: 'voiding', ...providerFailed() });
    }
  }

  /** Gives up an attempt that cannot be placed for an unforeseen reason; its authorization is given back. */
  giveUp(attempt: Attempt): Promise<Settlement> {
    return this.end(attempt, { state: 'voiding', ...providerFailed(), ending: { checkout: 'expired' } });
  }

  /** Ends an attempt that its customer has not confirmed; a payment confirmed too late is given back. */
  abandon(attempt: Attempt): Promise<Settlement> {
    return this.end(attempt, { state: 'voiding', ...declined('The payment was not confirmed.') });
  }

  private async place(attempt: Attempt, providerReference: string): Promise<Settlement> {
    if (!(await this.authorizations.note(attempt, providerReference))) return { kind: 'lost' };
    const placing = await this.placeOrder.place({ ...attempt, state: 'authorized' });
    if (placing.kind === 'lost') return placing;
    if (placing.kind === 'refused') return this.end(attempt, endedByRefusal(placing.refusal, attempt));
    this.relay.nudge('order.placed');
    if (placing.session) await this.sessions.publishCopy(placing.session);
    return { kind: 'answered', answer: placing.answer };
  }

  private async end(attempt: Attempt, endedBy: EndedBy): Promise<Settlement> {
    const ended = await this.endAttempt.end(attempt, endedBy);
    if (!ended) return { kind: 'lost' };
    this.relay.nudge('payment.ended');
    if (ended.session) await this.sessions.publishCopy(ended.session);
    return { kind: 'answered', answer: ended.answer };
  }
}

function declined(reason: string, declineCode?: string): Pick<EndedBy, 'error' | 'ending'> {
  const error = new AppError('payment_declined', {
    detail: `${reason} Nothing was charged. Complete again with another payment and a new Idempotency-Key.`,
    ...(declineCode && { extra: { declineCode } }),
  });
  return { error, ending: { checkout: 'reserved' } };
}

function providerFailed(): Pick<EndedBy, 'error' | 'ending'> {
  return {
    error: new AppError('payment_provider_unavailable', {
      detail: 'The payment could not be completed. Nothing was charged. Complete again with a new Idempotency-Key.',
    }),
    ending: { checkout: 'reserved' },
  };
}

import { Inject, Injectable } from '@nestjs/common';
import { SharedStatement } from '../../platform/database/shared-statement.js';
import {
  type EarlierRequest,
  type IdempotencyClaim,
  IdempotencyRepository,
} from '../../platform/idempotency/idempotency.repository.js';
import { newId } from '../../platform/ids.js';
import { inProgress, requireOpen } from '../checkout-errors.js';
import { type NewAttempt, started } from '../payments/attempts.repository.js';
import type { CheckoutSession } from '../session/checkout-session.js';
import { CheckoutSessionStore, nextVersion } from '../session/checkout-session.store.js';
import { BeginAlone, type Begun } from './begin-alone.js';
import { type Beginning, BegunAttempts } from './begun-attempts.repository.js';

const MAX_TRIES = 3;

/** Makes durable what must be so before a provider is called: key, attempt and session, all or nothing. */
@Injectable()
export class BeginAttempt {
  private readonly beginnings: SharedStatement<Beginning, Awaited<ReturnType<BeginAlone['begin']>>>;

  constructor(
    @Inject(BegunAttempts) begunAttempts: BegunAttempts,
    @Inject(BeginAlone) beginAlone: BeginAlone,
    @Inject(IdempotencyRepository) private readonly idempotency: IdempotencyRepository,
    @Inject(CheckoutSessionStore) private readonly store: CheckoutSessionStore,
  ) {
    this.beginnings = new SharedStatement(
      async (beginnings) => {
        const begun = await begunAttempts.begin(beginnings);
        return beginnings.map(({ attempt }) =>
          begun.has(attempt.id) ? { kind: 'begun', attempt: started(attempt) } : undefined,
        );
      },
      (beginning) => beginAlone.begin(beginning),
    );
  }

  /** What became of an earlier request with this key; undefined when there was none. */
  earlier(claim: IdempotencyClaim): Promise<EarlierRequest | undefined> {
    return this.idempotency.find(claim);
  }

  /**
   * Begins to pay the session as it was read, or as it is now if it has changed in between.
   * @throws AppError `checkout_in_progress`, `checkout_closed`
   */
  async begin(read: CheckoutSession, claim: IdempotencyClaim, provider: string): Promise<Begun> {
    let session = read;
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      requireOpen(session);
      const attempt = newAttempt(session, claim, provider);
      const paying = nextVersion(session, (current) => ({ ...current, state: 'paying', attemptId: attempt.id }));
      const begun = await this.beginnings.run({ attempt, claim, paying });
      if (begun.kind === 'begun') await this.store.publishCopy(paying);
      if (begun.kind !== 'moved') return begun;
      session = await this.store.getCurrent(session.id);
    }
    throw inProgress('The checkout is being changed by other requests.');
  }
}

function newAttempt(session: CheckoutSession, claim: IdempotencyClaim, provider: string): NewAttempt {
  const { customerId, email, discountCodes, shippingAddress, billingAddress, shippingMethodId, quote } = session;
  return {
    id: newId(),
    checkoutId: session.id,
    cartId: session.cartId,
    orderId: newId(),
    provider,
    amountMinor: quote.totalMinor,
    currency: quote.currency,
    agreement: { customerId, email, discountCodes, shippingAddress, billingAddress, shippingMethodId, quote },
    idempotencyScope: claim.scope,
    idempotencyKey: claim.key,
  };
}

import { Inject, Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../platform/database/database.js';
import {
  type IdempotencyClaim,
  IdempotencyRepository,
  type StoredAnswer,
} from '../../platform/idempotency/idempotency.repository.js';
import { newId } from '../../platform/ids.js';
import { inProgress, requireOpen } from '../checkout-errors.js';
import type { Attempt } from '../payments/attempt.js';
import { AttemptsRepository, isAttemptRunning, type NewAttempt } from '../payments/attempts.repository.js';
import type { CheckoutSession } from '../session/checkout-session.js';
import { CheckoutSessionStore, nextVersion } from '../session/checkout-session.store.js';
import { CheckoutSessionsRepository } from '../session/checkout-sessions.repository.js';
import { answerOf, type EarlierRequest } from './earlier-request.js';

export type Begun =
  | { readonly kind: 'begun'; readonly attempt: Attempt }
  | { readonly kind: 'answered'; readonly answer: StoredAnswer };

const MAX_TRIES = 3;

/** Carries "the session is another one by now" out of the transaction, so that it is rolled back. */
class SessionMoved extends Error {}

/** Makes everything durable that must be so before a provider is called: key, attempt and session, or nothing. */
@Injectable()
export class BeginAttempt {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(AttemptsRepository) private readonly attempts: AttemptsRepository,
    @Inject(IdempotencyRepository) private readonly idempotency: IdempotencyRepository,
    @Inject(CheckoutSessionsRepository) private readonly sessions: CheckoutSessionsRepository,
    @Inject(CheckoutSessionStore) private readonly store: CheckoutSessionStore,
  ) {}

  /** What became of an earlier request with this key; undefined when there was none. */
  earlier(claim: IdempotencyClaim): Promise<EarlierRequest | undefined> {
    return this.idempotency.find(claim);
  }

  /**
   * Begins to pay the session as it was read; as it is now, when it was changed in between.
   * @throws AppError `checkout_in_progress`, `checkout_closed`, `idempotency_key_reused`
   */
  async begin(read: CheckoutSession, claim: IdempotencyClaim, provider: string): Promise<Begun> {
    let session = read;
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      requireOpen(session);
      const begun = await this.tryToBegin(session, claim, provider);
      if (begun) return begun;
      session = await this.store.current(session.id);
    }
    throw inProgress('The checkout is being changed by other requests.');
  }

  /** @returns undefined when the session is not the one that was read */
  private async tryToBegin(
    session: CheckoutSession,
    claim: IdempotencyClaim,
    provider: string,
  ): Promise<Begun | undefined> {
    const attempt = newAttempt(session, claim, provider);
    const paying = nextVersion(session, (current) => ({ ...current, state: 'paying', attemptId: attempt.id }));
    try {
      const begun = await this.database.transaction((tx) => this.inTransaction(tx, attempt, paying, claim));
      if (begun.kind === 'begun') await this.store.show(paying);
      return begun;
    } catch (error) {
      if (error instanceof SessionMoved) return undefined;
      if (isAttemptRunning(error)) throw inProgress('Another request is completing this checkout.');
      throw error;
    }
  }

  private async inTransaction(
    tx: Tx,
    attempt: NewAttempt,
    paying: CheckoutSession,
    claim: IdempotencyClaim,
  ): Promise<Begun> {
    const claimed = await this.idempotency.claim(tx, claim);
    if (claimed.kind !== 'claimed') return { kind: 'answered', answer: answerOf(claimed) };
    if (!(await this.sessions.replace(paying, tx))) throw new SessionMoved();
    return { kind: 'begun', attempt: await this.attempts.insert(tx, attempt) };
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

import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
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
import { answerOf } from './earlier-request.js';
import { ExtendHold } from './extend-hold.js';
import { SyncSession } from './sync-session.js';

export type Begun =
  | { readonly kind: 'begun'; readonly attempt: Attempt }
  | { readonly kind: 'answered'; readonly answer: StoredAnswer };

/** Makes everything durable that must be so before a provider is called. */
@Injectable()
export class BeginAttempt {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(AttemptsRepository) private readonly attempts: AttemptsRepository,
    @Inject(IdempotencyRepository) private readonly idempotency: IdempotencyRepository,
    @Inject(ExtendHold) private readonly extendHold: ExtendHold,
    @Inject(SyncSession) private readonly syncSession: SyncSession,
  ) {}

  /** @throws AppError `checkout_in_progress`, `checkout_closed`, `hold_expired`, `idempotency_key_reused` */
  async begin(session: CheckoutSession, claim: IdempotencyClaim, provider: string): Promise<Begun> {
    requireOpen(session);
    await this.extendHold.forPayment(session);
    const begun = await this.insert(newAttempt(session, claim, provider), claim);
    // The order is made from the attempt: it does not matter when the session was changed a moment ago.
    if (begun.kind === 'begun') await this.syncSession.paying(begun.attempt);
    return begun;
  }

  private async insert(attempt: NewAttempt, claim: IdempotencyClaim): Promise<Begun> {
    try {
      return await this.database.transaction(async (tx): Promise<Begun> => {
        const claimed = await this.idempotency.claim(tx, claim);
        if (claimed.kind !== 'claimed') return { kind: 'answered', answer: answerOf(claimed) };
        return { kind: 'begun', attempt: await this.attempts.insert(tx, attempt) };
      });
    } catch (error) {
      if (!isAttemptRunning(error)) throw error;
      await this.syncSession.restore(attempt.checkoutId);
      throw inProgress('Another request is completing this checkout.');
    }
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

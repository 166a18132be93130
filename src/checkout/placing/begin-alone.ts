import { Inject, Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../platform/database/database.js';
import { type EarlierRequest, IdempotencyRepository } from '../../platform/idempotency/idempotency.repository.js';
import { inProgress } from '../checkout-errors.js';
import type { Attempt } from '../payments/attempt.js';
import { AttemptsRepository, isAttemptRunning } from '../payments/attempts.repository.js';
import { CheckoutSessionsRepository } from '../session/checkout-sessions.repository.js';
import type { Beginning } from './begun-attempts.repository.js';

export type Begun =
  | { readonly kind: 'begun'; readonly attempt: Attempt }
  /** A request with the same key has begun before. */
  | { readonly kind: 'earlier'; readonly earlier: EarlierRequest };

/** The session has changed since it was read. */
interface Moved {
  readonly kind: 'moved';
}

/** Carries "look again" out of the transaction, so that it is rolled back. */
class SessionMoved extends Error {}

/** Begins one payment in a transaction of its own, which waits for whoever has the session. */
@Injectable()
export class BeginAlone {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(AttemptsRepository) private readonly attempts: AttemptsRepository,
    @Inject(IdempotencyRepository) private readonly idempotency: IdempotencyRepository,
    @Inject(CheckoutSessionsRepository) private readonly sessions: CheckoutSessionsRepository,
  ) {}

  /** @throws AppError `checkout_in_progress` */
  async begin(beginning: Beginning): Promise<Begun | Moved> {
    try {
      return await this.database.transaction((tx) => this.inTransaction(tx, beginning));
    } catch (error) {
      if (error instanceof SessionMoved) return { kind: 'moved' };
      if (isAttemptRunning(error)) throw inProgress('Another request is completing this checkout.');
      throw error;
    }
  }

  /**
   * Locks the session before the key, as the statement that begins many does. Settling a payment takes the key first:
   * waiting for it with the session locked could deadlock, but a session whose payment is being settled has another version.
   */
  private async inTransaction(tx: Tx, { attempt, claim, paying }: Beginning): Promise<Begun> {
    const earlier = await this.idempotency.find(claim, tx);
    if (earlier) return { kind: 'earlier', earlier };
    if (!(await this.sessions.replace(paying, tx))) throw new SessionMoved();
    if ((await this.idempotency.claim(tx, claim)).kind !== 'claimed') throw new SessionMoved();
    return { kind: 'begun', attempt: await this.attempts.insert(tx, attempt) };
  }
}

import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { Database } from '../../platform/database/database.js';
import type { AppError } from '../../platform/errors.js';
import { toProblem } from '../../platform/http/problem.js';
import { IdempotencyRepository, type StoredAnswer } from '../../platform/idempotency/idempotency.repository.js';
import { LOGGER } from '../../platform/logging.js';
import { appendToOutbox } from '../../platform/outbox/outbox.js';
import type { Attempt, Ending } from '../payments/attempt.js';
import { AttemptsRepository } from '../payments/attempts.repository.js';
import type { CheckoutSession } from '../session/checkout-session.js';
import { CheckoutSessionsRepository } from '../session/checkout-sessions.repository.js';

export interface EndedBy {
  /** `voiding`: there is, or may come to be, an authorization to give back; the outbox does that. */
  readonly state: 'declined' | 'voiding' | 'voided';
  readonly error: AppError;
  readonly ending: Ending;
}

export interface Ended {
  readonly answer: StoredAnswer;
  /** As it is now; undefined when it had moved on. */
  readonly session: CheckoutSession | undefined;
}

/** Ends an attempt without an order: its state, its session, the answer of its request and the event, in one transaction. */
@Injectable()
export class EndAttempt {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(Database) private readonly database: Database,
    @Inject(AttemptsRepository) private readonly attempts: AttemptsRepository,
    @Inject(IdempotencyRepository) private readonly idempotency: IdempotencyRepository,
    @Inject(CheckoutSessionsRepository) private readonly sessions: CheckoutSessionsRepository,
  ) {}

  /** @returns undefined when another worker has taken the attempt over */
  async end(attempt: Attempt, { state, error, ending }: EndedBy): Promise<Ended | undefined> {
    // The same answer is given to every request that asks, so it names the attempt in place of a request.
    const problem = toProblem(error, attempt.id);
    const answer = { status: problem.status, body: problem.body };
    const ended = await this.database.transaction(async (tx) => {
      if (!(await this.attempts.move(tx, attempt, ['paying', 'authorized'], { state, ending }))) return undefined;
      await this.idempotency.answer(tx, { scope: attempt.idempotencyScope, key: attempt.idempotencyKey }, answer);
      const { id: attemptId, checkoutId } = attempt;
      await appendToOutbox(tx, [{ event: 'payment.ended', payload: { attemptId, checkoutId } }]);
      const { checkout, ...change } = ending;
      const session = await this.sessions.concludeAttempt(tx, attempt, ['paying'], { state: checkout, ...change });
      return { answer, session };
    });
    if (ended) this.note(attempt, error);
    return ended;
  }

  private note({ id, checkoutId }: Attempt, { code }: AppError): void {
    this.logger.info({ requestId: id, attemptId: id, checkoutId, code }, 'a payment ended without an order');
  }
}

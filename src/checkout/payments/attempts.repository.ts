import { Inject, Injectable } from '@nestjs/common';
import { and, eq, gt, inArray, isNotNull, sql } from 'drizzle-orm';
import type { Logger } from 'pino';
import { Database, type Executor, isUniqueViolation } from '../../platform/database/database.js';
import { Statement } from '../../platform/database/statement.js';
import { STATEMENT_LIMITS } from '../../platform/database/statement-limits.js';
import { LOGGER } from '../../platform/logging.js';
import { MicroBatch } from '../../platform/micro-batch.js';
import { requireMove, sqlMove } from '../moves.js';
import {
  type Attempt,
  agreement,
  type Ending,
  ending,
  type PendingAction,
  pendingAction,
  type Review,
  review,
} from './attempt.js';
import { type AttemptState, mayAttemptMove } from './attempt-states.js';
import { paymentAttempts } from './attempts.schema.js';

export type NewAttempt = Omit<Attempt, 'state' | 'fence' | 'ending' | 'action' | 'review'>;

type AttemptRow = typeof paymentAttempts.$inferSelect;

/** What a move writes beside the state. */
export interface AttemptMove {
  readonly state: AttemptState;
  readonly providerReference?: string;
  readonly ending?: Ending;
  readonly action?: PendingAction;
  readonly review?: Review;
}

const place = sqlMove(mayAttemptMove, ['authorized'], 'placed');

// Locked in one order, so that two workers with the same attempts cannot deadlock. Found by their ids alone: given the state
// too, PostgreSQL may prefer to walk through all attempts that are not settled.
const placeAuthorized = new Statement<{ id: string }>(
  'payment_attempts_place',
  `WITH locked AS MATERIALIZED (
     SELECT id, fence, state FROM payment_attempts WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE
   )
   UPDATE payment_attempts a SET state = ${place.to}, updated_at = now()
   FROM locked JOIN unnest($1::uuid[], $2::int[]) AS w (id, fence) USING (id, fence)
   WHERE a.id = locked.id AND locked.state = ${place.from} RETURNING a.id`,
);

@Injectable()
export class AttemptsRepository {
  private readonly byIds;
  private readonly reads = new MicroBatch<string, AttemptRow | undefined>(async (ids) => {
    const rows = new Map((await this.byIds.execute({ ids })).map((row) => [row.id, row]));
    return ids.map((id) => rows.get(id));
  }, STATEMENT_LIMITS);

  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(Database) private readonly database: Database,
  ) {
    this.byIds = database.orm
      .select()
      .from(paymentAttempts)
      .where(sql`${paymentAttempts.id} = ANY (${sql.placeholder('ids')}::uuid[])`)
      .prepare('payment_attempts_by_id');
  }

  /** Keeps a new attempt in state `paying`. Check the error with `isAttemptRunning`. */
  async insert(tx: Executor, attempt: NewAttempt): Promise<Attempt> {
    const paying = started(attempt);
    await tx.insert(paymentAttempts).values(paying);
    return paying;
  }

  /** @throws Error when there is no such attempt: they are never deleted. */
  async get(id: string): Promise<Attempt> {
    const attempt = await this.find(id);
    if (!attempt) throw new Error(`There is no payment attempt ${id}.`);
    return attempt;
  }

  async find(id: string): Promise<Attempt | undefined> {
    const row = await this.reads.add(id);
    return row && toAttempt(row);
  }

  async findOfOrder(orderId: string, executor: Executor = this.database.orm): Promise<Attempt | undefined> {
    const [row] = await executor.select().from(paymentAttempts).where(eq(paymentAttempts.orderId, orderId));
    return row && toAttempt(row);
  }

  /** The attempt of a checkout that waits for its customer. */
  async findWaiting(checkoutId: string): Promise<Attempt | undefined> {
    const { checkoutId: checkout, state, action } = paymentAttempts;
    const [row] = await this.database.orm
      .select()
      .from(paymentAttempts)
      .where(and(eq(checkout, checkoutId), sql`is_live`, eq(state, 'paying'), isNotNull(action)));
    return row && toAttempt(row);
  }

  /**
   * Moves the attempt on, if this worker still has its fence and it is in one of the states.
   * @returns whether it was moved; if not, another worker has taken it over
   */
  async move(
    executor: Executor | undefined,
    attempt: Pick<Attempt, 'id' | 'fence'>,
    from: readonly AttemptState[],
    to: AttemptMove,
  ): Promise<boolean> {
    requireMove(mayAttemptMove, from, to.state);
    const moved = await (executor ?? this.database.orm)
      .update(paymentAttempts)
      .set({ ...to, updatedAt: sql`now()` })
      .where(
        and(
          eq(paymentAttempts.id, attempt.id),
          eq(paymentAttempts.fence, attempt.fence),
          inArray(paymentAttempts.state, [...from]),
        ),
      )
      .returning({ id: paymentAttempts.id });
    return moved.length > 0;
  }

  /**
   * Moves authorized attempts to `placed` if this worker still has their fences. It sends before it waits (`together`).
   * @returns the ids that were moved; another worker has taken over the others
   */
  async moveToPlaced(tx: Executor, attempts: readonly Pick<Attempt, 'id' | 'fence'>[]): Promise<Set<string>> {
    const moved = await placeAuthorized.rows(tx, [attempts.map(({ id }) => id), attempts.map(({ fence }) => fence)]);
    return new Set(moved.map(({ id }) => id));
  }

  /** Attempts whose stock must stay held, in the order of their checkouts. */
  async payingAfter(checkoutId: string, limit: number): Promise<Attempt[]> {
    const { state } = paymentAttempts;
    const rows = await this.database.orm
      .select()
      .from(paymentAttempts)
      .where(
        and(sql`is_under_way`, inArray(state, ['paying', 'authorized']), gt(paymentAttempts.checkoutId, checkoutId)),
      )
      .orderBy(paymentAttempts.checkoutId)
      .limit(limit);
    return rows.flatMap((row) => this.readable(row));
  }

  /**
   * Takes over attempts that have not changed for `idleMs`: raises their fence, so that the worker before can write no more.
   * One that waits for its customer keeps its fence: nobody works on it, and the customer may come back any moment.
   */
  async takeOverStuck(idleMs: number, limit: number): Promise<Attempt[]> {
    const taken = await this.database.orm
      .update(paymentAttempts)
      .set({
        fence: sql`fence + CASE WHEN state = 'paying' AND action IS NOT NULL THEN 0 ELSE 1 END`,
        updatedAt: sql`now()`,
      })
      .where(
        sql`${paymentAttempts.id} IN (
          SELECT id FROM payment_attempts
          WHERE is_under_way AND created_at < now() - ${idleMs} * interval '1 millisecond'
            AND updated_at < now() - ${idleMs} * interval '1 millisecond'
          ORDER BY updated_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)`,
      )
      .returning();
    return taken.flatMap((row) => this.readable(row));
  }

  /** One attempt that cannot be read must not stop the recovery of the others. */
  private readable(row: AttemptRow): Attempt[] {
    try {
      return [toAttempt(row)];
    } catch (error) {
      this.logger.error(
        { err: error, attemptId: row.id },
        'a payment attempt cannot be read: a person must look at it',
      );
      return [];
    }
  }
}

/** A new attempt as it is first stored. */
export function started(attempt: NewAttempt): Attempt {
  return { ...attempt, state: 'paying', fence: 1 };
}

/** Whether inserting failed because the checkout has an attempt that is not over. */
export function isAttemptRunning(error: unknown): boolean {
  return isUniqueViolation(error, 'payment_attempts_one_live');
}

function toAttempt(row: AttemptRow): Attempt {
  const { ending: ended, action: waiting, review: reviewed, ...rest } = row;
  return {
    ...rest,
    agreement: agreement.parse(row.agreement),
    ...(ended && { ending: ending.parse(ended) }),
    ...(waiting && { action: pendingAction.parse(waiting) }),
    ...(reviewed && { review: review.parse(reviewed) }),
  };
}

// PostgreSQL decides the state of a checkout session: the statement of every move compares the version, or the attempt that
// is paying it.
import { Inject, Injectable } from '@nestjs/common';
import { and, eq, inArray, sql } from 'drizzle-orm';
import { Database, type Executor } from '../../platform/database/database.js';
import { Statement } from '../../platform/database/statement.js';
import { STATEMENT_LIMITS } from '../../platform/database/statement-limits.js';
import { MicroBatch } from '../../platform/micro-batch.js';
import { requireMove } from '../moves.js';
import { type CheckoutSession, checkoutSession } from './checkout-session.js';
import { checkoutSessions } from './checkout-sessions.schema.js';
import { CHECKOUT_STATES, type CheckoutState, isOpen, isPaying, mayMove } from './transitions.js';

const LIVE_STATES = CHECKOUT_STATES.filter((state) => isOpen(state) || isPaying(state));

/** How the outcome of an attempt changes its session. */
export type SessionOutcome = Pick<CheckoutSession, 'state'> & {
  readonly [K in 'orderId' | 'quote']?: CheckoutSession[K] | undefined;
};

/** An attempt that is over, and how that changes its session. */
export interface Conclusion {
  readonly attempt: { readonly id: string; readonly checkoutId: string };
  readonly outcome: SessionOutcome;
}

// Found and locked by their ids alone: given the state too, PostgreSQL may prefer to walk through all that are not over.
const conclude = new Statement<{ id: string; document: unknown }>(
  'checkout_sessions_conclude',
  `WITH locked AS MATERIALIZED (
     SELECT id, state, document ->> 'attemptId' AS attempt_id FROM checkout_sessions
     WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE
   )
   UPDATE checkout_sessions s SET version = version + 1, state = c.outcome ->> 'state', updated_at = now(),
     document = document || jsonb_build_object('version', version + 1) || c.outcome
   FROM locked JOIN unnest($1::uuid[], $2::text[], $3::jsonb[]) AS c (id, attempt_id, outcome) USING (id, attempt_id)
   WHERE s.id = locked.id AND locked.state = ANY ($4::text[])
   RETURNING s.id, s.document`,
);

const byIds = new Statement<{ id: string; document: unknown }>(
  'checkout_sessions_by_id',
  'SELECT id, document FROM checkout_sessions WHERE id = ANY ($1::uuid[])',
);

// Redis is about to hear of what has just ended; this finds only what it missed.
const endedOf = new Statement<{ id: string }>(
  'checkout_sessions_ended',
  `SELECT id FROM checkout_sessions
   WHERE id = ANY ($1::uuid[]) AND state <> ALL ($2::text[]) AND updated_at < now() - interval '1 minute'`,
);

@Injectable()
export class CheckoutSessionsRepository {
  private readonly reads = new MicroBatch<string, unknown>((ids) => this.documents(ids), STATEMENT_LIMITS);

  constructor(@Inject(Database) private readonly database: Database) {}

  async find(id: string): Promise<CheckoutSession | undefined> {
    const document = await this.reads.add(id);
    return document === undefined ? undefined : checkoutSession.parse(document);
  }

  /** Checkouts of a cart that can still be paid, or are being paid. */
  async liveOfCart(cartId: string): Promise<CheckoutSession[]> {
    const rows = await this.database.orm
      .select({ document: checkoutSessions.document })
      .from(checkoutSessions)
      .where(and(eq(checkoutSessions.cartId, cartId), sql`is_under_way`, inArray(checkoutSessions.state, LIVE_STATES)));
    return rows.map(({ document }) => checkoutSession.parse(document));
  }

  /** Checkouts that were changed in the last `sinceMs`, in the order of their ids. */
  async changedLately(sinceMs: number, afterId: string, limit: number): Promise<CheckoutSession[]> {
    const { rows } = await this.database.orm.execute<{ document: unknown }>(sql`
      SELECT document FROM checkout_sessions
      WHERE updated_at > now() - ${sinceMs} * interval '1 millisecond' AND id > ${afterId} ORDER BY id LIMIT ${limit}`);
    return rows.map(({ document }) => checkoutSession.parse(document));
  }

  /** Those of these checkouts that ended a while ago, with an order or without. */
  async endedOf(ids: readonly string[]): Promise<string[]> {
    const rows = await endedOf.rows(this.database.orm, [ids, LIVE_STATES]);
    return rows.map(({ id }) => id);
  }

  async insert(session: CheckoutSession): Promise<void> {
    const { id, version, state, cartId } = session;
    await this.database.orm.insert(checkoutSessions).values({ id, version, state, cartId, document: session });
  }

  /** Replaces the version before `next`. @returns false when that is no longer the current one */
  async replace(next: CheckoutSession, executor: Executor = this.database.orm): Promise<boolean> {
    const { id, version, state } = next;
    const replaced = await executor
      .update(checkoutSessions)
      .set({ version, state, document: next, updatedAt: sql`now()` })
      .where(and(eq(checkoutSessions.id, id), eq(checkoutSessions.version, version - 1)))
      .returning({ id: checkoutSessions.id });
    return replaced.length > 0;
  }

  /**
   * Gives the session of an attempt its outcome; only while it is about this attempt and in one of the states.
   * @returns the session as it is then, undefined when it has moved on
   */
  async concludeAttempt(
    executor: Executor,
    attempt: Conclusion['attempt'],
    from: readonly CheckoutState[],
    outcome: SessionOutcome,
  ): Promise<CheckoutSession | undefined> {
    return (await this.concludeAttempts(executor, from, [{ attempt, outcome }])).get(attempt.checkoutId);
  }

  /**
   * The same for several sessions. It sends before it waits (`together`).
   * @returns them as they are then, by id; those that have moved on are absent
   */
  async concludeAttempts(
    executor: Executor,
    from: readonly CheckoutState[],
    concluded: readonly Conclusion[],
  ): Promise<Map<string, CheckoutSession>> {
    for (const { outcome } of concluded) requireMove(mayMove, from, outcome.state);
    const rows = await conclude.rows(executor, [
      concluded.map(({ attempt }) => attempt.checkoutId),
      concluded.map(({ attempt }) => attempt.id),
      concluded.map(({ outcome }) => JSON.stringify(outcome)),
      from,
    ]);
    return new Map(rows.map(({ id, document }) => [id, checkoutSession.parse(document)]));
  }

  private async documents(ids: readonly string[]): Promise<unknown[]> {
    const rows = await byIds.rows(this.database.orm, [ids]);
    const found = new Map(rows.map(({ id, document }) => [id, document]));
    return ids.map((id) => found.get(id));
  }

  /** Deletes checkouts that ended without an order long ago. @returns how many; at most `limit`. */
  async purge(untouchedForS: number, limit = 2_000): Promise<number> {
    const result = await this.database.orm.execute(sql`
      DELETE FROM checkout_sessions WHERE id IN (
        SELECT id FROM checkout_sessions
        WHERE is_lapsed AND opened_at < now() - ${untouchedForS} * interval '1 second'
          AND updated_at < now() - ${untouchedForS} * interval '1 second'
        ORDER BY opened_at LIMIT ${limit})`);
    return result.rowCount ?? 0;
  }
}

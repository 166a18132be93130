import { Inject, Injectable } from '@nestjs/common';
import { and, eq, sql } from 'drizzle-orm';
import { Database, type Executor, type Tx } from '../../../platform/database/database.js';
import { isCaptured } from '../attempt.js';
import { paymentAttempts } from '../attempts.schema.js';
import { paymentRefunds } from './refunds.schema.js';

export type RefundRow = typeof paymentRefunds.$inferSelect;
/** Which refund of which attempt. */
export type RefundId = Pick<RefundRow, 'attemptId' | 'refundKey'>;

@Injectable()
export class RefundsRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** The attempt, locked, so that its refunds are added up one after the other. */
  async lockAttempt(tx: Tx, attemptId: string): Promise<{ isCaptured: boolean; amountMinor: number } | undefined> {
    const [row] = await tx
      .select({
        state: paymentAttempts.state,
        review: paymentAttempts.review,
        amountMinor: paymentAttempts.amountMinor,
      })
      .from(paymentAttempts)
      .where(eq(paymentAttempts.id, attemptId))
      .for('update');
    return row && { isCaptured: isCaptured(row), amountMinor: row.amountMinor };
  }

  ofAttempt(executor: Executor, attemptId: string): Promise<RefundRow[]> {
    return executor.select().from(paymentRefunds).where(eq(paymentRefunds.attemptId, attemptId));
  }

  async insert(tx: Tx, refund: Pick<RefundRow, 'attemptId' | 'refundKey' | 'amountMinor'>): Promise<void> {
    await tx.insert(paymentRefunds).values({ ...refund, state: 'requested' });
  }

  /** Stores a refund that was made at the provider. */
  async insertMade(
    tx: Tx,
    refund: Pick<RefundRow, 'attemptId' | 'refundKey' | 'amountMinor' | 'providerReference' | 'state' | 'reason'>,
  ): Promise<void> {
    await tx.insert(paymentRefunds).values(refund);
  }

  /** Notes that a refund came back from the bank. */
  async refuse(tx: Tx, id: RefundId, reason: string): Promise<void> {
    await tx.update(paymentRefunds).set({ state: 'refused', reason, updatedAt: sql`now()` }).where(isRefund(id));
  }

  async find(id: RefundId): Promise<RefundRow | undefined> {
    const [row] = await this.database.orm.select().from(paymentRefunds).where(isRefund(id));
    return row;
  }

  /** Notes how a refund ended. The first outcome stays. */
  async conclude(id: RefundId, outcome: Pick<RefundRow, 'state' | 'reason'>): Promise<void> {
    await this.database.orm
      .update(paymentRefunds)
      .set({ ...outcome, updatedAt: sql`now()` })
      .where(and(isRefund(id), eq(paymentRefunds.state, 'requested')));
  }

  /** Refunds without an outcome for `idleMs`; each is given to one worker at a time. */
  async takeUpStuck(idleMs: number, limit: number): Promise<RefundId[]> {
    return this.database.orm
      .update(paymentRefunds)
      .set({ updatedAt: sql`now()` })
      .where(
        sql`(${paymentRefunds.attemptId}, ${paymentRefunds.refundKey}) IN (
          SELECT attempt_id, refund_key FROM payment_refunds
          WHERE state = 'requested' AND updated_at < now() - ${idleMs} * interval '1 millisecond'
          ORDER BY updated_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)`,
      )
      .returning({ attemptId: paymentRefunds.attemptId, refundKey: paymentRefunds.refundKey });
  }
}

function isRefund({ attemptId, refundKey }: RefundId) {
  return and(eq(paymentRefunds.attemptId, attemptId), eq(paymentRefunds.refundKey, refundKey));
}

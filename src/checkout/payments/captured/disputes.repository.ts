import { Injectable } from '@nestjs/common';
import { asc, eq, sql } from 'drizzle-orm';
import type { Executor, Tx } from '../../../platform/database/database.js';
import { newId } from '../../../platform/ids.js';
import type { DisputeState, ProviderDispute } from '../payment-provider.js';
import { paymentDisputes } from './disputes.schema.js';

export type DisputeRow = typeof paymentDisputes.$inferSelect;

/** The stages of a dispute. Its end may change to another end; otherwise it only moves to a later stage. */
const STAGES: Readonly<Record<DisputeState, number>> = { inquiry: 0, open: 1, won: 2, lost: 2, closed: 2 };

@Injectable()
export class DisputesRepository {
  ofAttempt(executor: Executor, attemptId: string): Promise<DisputeRow[]> {
    const { attemptId: attempt, createdAt, id } = paymentDisputes;
    return executor.select().from(paymentDisputes).where(eq(attempt, attemptId)).orderBy(asc(createdAt), asc(id));
  }

  /**
   * Notes disputes as the provider has them. None goes back to an earlier stage: such news is old.
   * @returns those that are new or in another state now. The caller must have locked the attempt.
   */
  async note(tx: Tx, attemptId: string, disputes: readonly ProviderDispute[]): Promise<ProviderDispute[]> {
    const known = new Map((await this.ofAttempt(tx, attemptId)).map((row) => [row.reference, row]));
    const changed = disputes.filter(({ reference, state }) => mayBecome(known.get(reference)?.state, state));
    for (const { reference, amountMinor, state, reason } of changed) {
      await tx
        .insert(paymentDisputes)
        .values({ id: newId(), attemptId, reference, amountMinor, state, reason })
        .onConflictDoUpdate({
          target: [paymentDisputes.attemptId, paymentDisputes.reference],
          set: { amountMinor, state, reason, updatedAt: sql`now()` },
        });
    }
    return changed;
  }
}

function mayBecome(before: DisputeState | undefined, now: DisputeState): boolean {
  if (before === undefined) return true;
  return before !== now && STAGES[now] >= STAGES[before];
}

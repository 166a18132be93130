// Statements of one transaction that do not need each other's answers, sent one behind another without waiting: PostgreSQL
// carries them out in the order in which they were sent, so locks are taken in that order, and the way there and back is
// paid once.
import { pgFailure } from './database.js';

/** What PostgreSQL answers to each statement behind one that failed in the same transaction. */
const AFTER_A_FAILURE = '25P02';

/**
 * Waits for all of them, so that nothing of a transaction is under way when it is rolled back. Whoever gives promises that
 * send statements must have sent them before it first waits for anything; the order is that of the array.
 * @throws what the first of them that failed threw; not what that one made of the others
 */
export async function together<T extends readonly unknown[]>(
  sent: readonly [...T],
): Promise<{ -readonly [P in keyof T]: Awaited<T[P]> }> {
  const failures = (await Promise.allSettled(sent)).flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  if (failures.length > 0) throw failures.find((failure) => !isAfterAFailure(failure)) ?? failures[0];
  return Promise.all(sent);
}

function isAfterAFailure(failure: unknown): boolean {
  return pgFailure(failure)?.code === AFTER_A_FAILURE;
}

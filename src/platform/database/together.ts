// Statements of one transaction that do not need each other's answers, sent one behind another without waiting: PostgreSQL
// carries them out in the order in which they were sent, so locks are taken in that order, and the round trip
// is paid once.
//
// What the types cannot say: `together([first(tx), second(tx)])` calls both before it waits for either. A function keeps
// its place when it sends before its own first `await`, by `Statement` or `InsertRows`; a query builder of drizzle sends a
// moment after it was called. What is sent after an `await` goes behind the statements of all others: only the last of the
// array may do that, unless the order does not matter.
import { pgFailure } from './database.js';

/** What PostgreSQL answers to each statement behind one that failed in the same transaction. */
const AFTER_A_FAILURE = '25P02';

/**
 * Waits for all of them, so that nothing of a transaction is under way when it is rolled back.
 * @param sent promises of what has been sent by now, in the order of the array (see above)
 * @throws the error of the first one that failed, not those that the others had because of it
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

// What is sent to PostgreSQL, and when it is answered.
import pg from 'pg';

/** What a transaction that places orders writes, in the order of the locks that it takes. */
export const PLACING_WRITES = [
  'payment_attempts_place',
  'orders_insert',
  'order_lines_insert',
  'outbox_append',
  'idempotency_answer',
  'checkout_sessions_conclude',
  'inventory_allocate',
];

/** @returns what was sent meanwhile, by the name of the statement or its text, and `… answered` where its answer came */
export async function statementsDuring(work: () => Promise<unknown>): Promise<string[]> {
  const log: string[] = [];
  const query = pg.Client.prototype.query as (...args: unknown[]) => unknown;
  const noted = function (this: pg.Client, ...args: unknown[]) {
    const [given] = args as [string | { name?: string; text?: string }];
    const name = typeof given === 'string' ? given : (given.name ?? String(given.text));
    const answer = query.apply(this, args);
    log.push(name);
    return answer instanceof Promise ? answer.finally(() => log.push(`${name} answered`)) : answer;
  };
  pg.Client.prototype.query = noted as typeof pg.Client.prototype.query;
  try {
    await work();
  } finally {
    pg.Client.prototype.query = query as typeof pg.Client.prototype.query;
  }
  return log;
}

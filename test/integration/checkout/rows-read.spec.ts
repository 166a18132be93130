// What recovery, restoring of holds, expiry and the list of payments read does not grow with what is over or only waits.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { AttemptsRepository } from '../../../src/checkout/payments/attempts.repository.js';
import { PaymentsRepository } from '../../../src/checkout/payments/review/payments.repository.js';
import { ExpiredCheckoutsRepository } from '../../../src/checkout/session/expired-checkouts.repository.js';
import { Database } from '../../../src/platform/database/database.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

let testDatabase: TestDatabase;
let database: Database;
const logger = pino({ level: 'silent' });

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  // One connection: its statistics are told at once.
  database = new Database(
    { DATABASE_URL: testDatabase.url, DATABASE_POOL_MAX: 1, DATABASE_STATEMENT_TIMEOUT_MS: 30_000 },
    logger,
  );
  // 20 000 paid long ago, 5 000 orders that wait for a bank transfer, 5 that are paid now.
  await database.pool.query(`
    INSERT INTO payment_attempts (id, checkout_id, cart_id, order_id, provider, amount_minor, currency, state, agreement,
      idempotency_scope, idempotency_key, created_at, updated_at)
    SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'manual', 1, 'EUR',
      CASE WHEN i <= 20000 THEN 'captured' WHEN i <= 25000 THEN 'placed' ELSE 'voiding' END,
      jsonb_build_object('x', repeat('x', 500)), 's' || i, 'k', now() - interval '1 hour', now() - interval '1 hour'
    FROM generate_series(1, 25005) i`);
  await database.pool.query(`
    INSERT INTO checkout_sessions (id, version, state, cart_id, document, updated_at, opened_at)
    SELECT gen_random_uuid(), 1, CASE WHEN i <= 20000 THEN 'captured' WHEN i <= 25000 THEN 'placed' ELSE 'paying' END,
      gen_random_uuid(), jsonb_build_object('x', repeat('x', 500)), now() - interval '1 hour', now() - interval '1 hour'
    FROM generate_series(1, 25005) i`);
  await database.pool.query('VACUUM ANALYZE payment_attempts');
  await database.pool.query('VACUUM ANALYZE checkout_sessions');
}, 60_000);
afterAll(async () => {
  await database.pool.end();
  await testDatabase.drop();
});

async function rowsRead(table: string, work: () => Promise<unknown>): Promise<number> {
  const read = async () => {
    await database.pool.query('SELECT pg_stat_force_next_flush()');
    await database.pool.query('SELECT pg_stat_clear_snapshot()');
    const { rows } = await database.pool.query(
      `SELECT (seq_tup_read + idx_tup_fetch)::int AS n FROM pg_stat_user_tables WHERE relname = $1`,
      [table],
    );
    return rows[0].n as number;
  };
  const before = await read();
  await work();
  return (await read()) - before;
}

const FIRST = '00000000-0000-0000-0000-000000000000';
/** Far more than is under way, far less than there is. */
const MOST = 500;

test('holds that are promised', async () => {
  const attempts = new AttemptsRepository(logger, database);
  expect(await rowsRead('payment_attempts', () => attempts.payingAfter(FIRST, 100))).toBeLessThan(MOST);
});

test('payments in a state', async () => {
  const payments = new PaymentsRepository(database);
  expect(await rowsRead('payment_attempts', async () => payments.list('voiding', 51, undefined))).toBeLessThan(MOST);
});

test('stuck attempts', async () => {
  const attempts = new AttemptsRepository(logger, database);
  expect(await rowsRead('payment_attempts', () => attempts.takeOverStuck(60_000, 20))).toBeLessThan(MOST);
});

test('how many attempts are unsettled', async () => {
  const payments = new PaymentsRepository(database);
  expect(await rowsRead('payment_attempts', () => payments.countUnsettled())).toBeLessThan(MOST);
});

test('expired checkouts', async () => {
  const expired = new ExpiredCheckoutsRepository(database);
  expect(await rowsRead('checkout_sessions', () => expired.expire(900))).toBeLessThan(MOST);
});

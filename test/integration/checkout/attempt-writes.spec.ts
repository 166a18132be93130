// Payments begun and noted together in one statement: each learns its own outcome, and nobody is told yes wrongly.
import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from '@jest/globals';
import type { Attempt } from '../../../src/checkout/payments/attempt.js';
import { Authorizations } from '../../../src/checkout/payments/authorizations.repository.js';
import { TestProviderRepository } from '../../../src/checkout/payments/test-provider/test-provider.repository.js';
import type { Begun } from '../../../src/checkout/placing/begin-alone.js';
import { BeginAttempt } from '../../../src/checkout/placing/begin-attempt.js';
import { NoteCaptured } from '../../../src/checkout/placing/note-captured.js';
import type { CheckoutSession } from '../../../src/checkout/session/checkout-session.js';
import { hashRequest } from '../../../src/platform/idempotency/idempotency.repository.js';
import { shop } from '../../support/shop-rig.js';
import { query } from '../../support/shop-state.js';
import { cutWaitingConnections, next, other, sessions, statusesOf, stored, useBatches, writes } from './batches-rig.js';

let beginAttempt: BeginAttempt;
let authorizations: Authorizations;
let noteCaptured: NoteCaptured;

useBatches();
beforeAll(() => {
  beginAttempt = shop.app.get(BeginAttempt);
  authorizations = shop.app.get(Authorizations);
  noteCaptured = shop.app.get(NoteCaptured);
});

const claimOf = (session: CheckoutSession, key: string) => ({
  scope: `complete:${session.id}`,
  key,
  requestHash: hashRequest({ key }),
});
const begin = (session: CheckoutSession, key: string = randomUUID()) =>
  beginAttempt.begin(session, claimOf(session, key), 'test');
/** What a request to begin learned, in a word. */
const seen = (outcome: PromiseSettledResult<Begun>): string => {
  if (outcome.status === 'rejected') return outcome.reason.code;
  return outcome.value.kind === 'begun' ? 'begun' : outcome.value.earlier.kind;
};
const attemptsOf = async (made: readonly CheckoutSession[]) =>
  query<{ checkout_id: string; key: string | null; state: string }>(
    shop,
    `SELECT s.id AS checkout_id, k.key, s.state FROM checkout_sessions s
     LEFT JOIN payment_attempts a ON a.checkout_id = s.id
     LEFT JOIN idempotency_keys k ON k.scope = 'complete:' || s.id
     WHERE s.id = ANY ($1) ORDER BY array_position($1, s.id)`,
    [made.map(({ id }) => id)],
  );

test('payments begun together: each session is paid once, whatever its requests were', async () => {
  const made = await stored(4);
  const [plain, raced, changed, repeated] = made as [
    CheckoutSession,
    CheckoutSession,
    CheckoutSession,
    CheckoutSession,
  ];
  await writes.replace(next(changed, 'changed@example.com'));
  const outcomes = await Promise.allSettled([
    begin(plain, 'plain'),
    begin(raced, 'one'),
    begin(raced, 'other'),
    begin(changed, 'changed'),
    begin(repeated, 'same'),
    begin(repeated, 'same'),
  ]);
  expect(outcomes.map(seen)).toEqual(['begun', 'begun', 'checkout_in_progress', 'begun', 'begun', 'running']);
  expect(await attemptsOf(made)).toEqual([
    { checkout_id: plain.id, key: 'plain', state: 'paying' },
    { checkout_id: raced.id, key: 'one', state: 'paying' },
    { checkout_id: changed.id, key: 'changed', state: 'paying' },
    { checkout_id: repeated.id, key: 'same', state: 'paying' },
  ]);
  // What is paid is what the session was by then, not what had been read.
  const agreed = await query(
    shop,
    "SELECT agreement ->> 'email' AS email FROM payment_attempts WHERE checkout_id = $1",
    [changed.id],
  );
  expect(agreed).toEqual([{ email: 'changed@example.com' }]);
});

test('a payment is begun as a whole: without its key, or while another one lives, nothing of it is', async () => {
  const [used, living] = (await stored(2)) as [CheckoutSession, CheckoutSession];
  await other.query(`INSERT INTO idempotency_keys (scope, key, request_hash) VALUES ($1, 'used', '\\x00')`, [
    `complete:${used.id}`,
  ]);
  await other.query(
    `INSERT INTO payment_attempts (id, checkout_id, cart_id, order_id, provider, amount_minor, currency, state, agreement,
       idempotency_scope, idempotency_key) VALUES ($1, $2, $1, $1, 'test', 1, 'USD', 'review', '{}', '', '')`,
    [randomUUID(), living.id],
  );
  const outcomes = await Promise.allSettled([begin(used, 'used'), begin(living, 'second')]);
  expect(outcomes.map(seen)).toEqual(['reused', 'checkout_in_progress']);
  expect(await attemptsOf([used, living])).toEqual([
    { checkout_id: used.id, key: 'used', state: 'reserved' },
    { checkout_id: living.id, key: null, state: 'reserved' },
  ]);
});

test('when the connection of payments that begin is cut, none has begun', async () => {
  const made = await stored(3);
  await other.query('BEGIN; LOCK TABLE payment_attempts IN EXCLUSIVE MODE');
  const outcomes = statusesOf(made.map((session) => begin(session)));
  await cutWaitingConnections();
  expect(await outcomes).toEqual(['rejected', 'rejected', 'rejected']);
  await other.query('COMMIT');
  expect((await attemptsOf(made)).map(({ key, state }) => [key, state])).toEqual(made.map(() => [null, 'reserved']));
});

/** Attempts that have begun, by the statement that begins many. */
async function begun(count: number): Promise<Attempt[]> {
  const outcomes = await Promise.all((await stored(count)).map((session) => begin(session)));
  return outcomes.flatMap((outcome) => (outcome.kind === 'begun' ? [outcome.attempt] : []));
}
const stateOf = async (attempts: readonly Attempt[]) =>
  (
    await query<{ seen: string }>(
      shop,
      `SELECT a.state || ' ' || coalesce(o.state, '-') || ' ' || s.state AS seen FROM payment_attempts a
       JOIN checkout_sessions s ON s.id = a.checkout_id LEFT JOIN orders o ON o.id = a.order_id
       WHERE a.id = ANY ($1) ORDER BY array_position($1, a.id)`,
      [attempts.map(({ id }) => id)],
    )
  ).map(({ seen: now }) => now);

test('authorizations noted together: a lost fence, an ended attempt, and one that is locked for a while', async () => {
  const attempts = await begun(4);
  const [plain, lost, ended, locked] = attempts as [Attempt, Attempt, Attempt, Attempt];
  await other.query("UPDATE payment_attempts SET state = 'voiding' WHERE id = $1", [ended.id]);
  await other.query('BEGIN');
  await other.query('SELECT FROM payment_attempts WHERE id = $1 FOR UPDATE', [locked.id]);
  const noted = [plain, { ...lost, fence: 2 }, ended, locked].map((attempt) => authorizations.note(attempt, 'ref'));
  expect(await Promise.all(noted.slice(0, 3))).toEqual([true, false, false]);
  await other.query('COMMIT');
  expect(await noted[3]).toBe(true);
  expect(await stateOf(attempts)).toEqual([
    'authorized - paying',
    'paying - paying',
    'voiding - paying',
    'authorized - paying',
  ]);
});

test('captures noted together: as a whole or alone, and repeated without effect', async () => {
  const attempts = await begun(4);
  const [plain, cancelled, lost, locked] = attempts as [Attempt, Attempt, Attempt, Attempt];
  await other.query(
    `INSERT INTO orders (id, checkout_id, cart_id, state, currency, subtotal_minor, discount_minor, shipping_minor, tax_minor,
       total_minor, tax_inclusive, rule_set_version, discounts, access_token_hash)
     SELECT order_id, checkout_id, cart_id, 'placed', 'USD', 1, 0, 0, 0, 1, false, 0, '[]', '' FROM payment_attempts
     WHERE id = ANY ($1)`,
    [attempts.map(({ id }) => id)],
  );
  await other.query("UPDATE payment_attempts SET state = 'placed'");
  await other.query(`UPDATE checkout_sessions SET state = 'placed', document = document || '{"state":"placed"}'`);
  await other.query("UPDATE orders SET state = 'cancelled' WHERE id = $1", [cancelled.orderId]);
  await other.query('BEGIN');
  await other.query('SELECT FROM orders WHERE id = $1 FOR UPDATE', [locked.orderId]);
  const noted = [plain, cancelled, { ...lost, fence: 2 }, locked].map((attempt) => noteCaptured.note(attempt));
  await Promise.all(noted.slice(0, 3));
  expect(await stateOf(attempts)).toEqual([
    'captured captured captured',
    'captured cancelled captured',
    'placed placed placed',
    'placed placed placed',
  ]);
  await other.query('COMMIT');
  await noted[3];
  await Promise.all([plain, locked].map((attempt) => noteCaptured.note(attempt)));
  expect((await stateOf(attempts))[3]).toBe('captured captured captured');
  expect((await sessions.find(plain.checkoutId))?.version).toBe(3);
});

test('the test provider books together: new payments, one that was voided ahead, one that was declined', async () => {
  const provider = shop.app.get(TestProviderRepository);
  const signal = AbortSignal.timeout(10_000);
  const keys = [randomUUID(), randomUUID(), randomUUID()] as const;
  await provider.void(keys[1]);
  const charge = { amountMinor: 100, currency: 'USD', token: 'tok_ok' };
  const authorized = await Promise.all([
    provider.authorize({ ...charge, key: keys[0] }, signal),
    provider.authorize({ ...charge, key: keys[1] }, signal),
    provider.authorize({ ...charge, key: keys[2], token: 'tok_declined' }, signal),
  ]);
  expect(authorized.map(({ kind }) => kind)).toEqual(['authorized', 'voided', 'declined']);
  const captured = await Promise.all(keys.map((key) => provider.capture(key, 100)));
  expect(captured.map(({ kind }) => kind)).toEqual(['captured', 'voided', 'declined']);
  expect(await provider.capture(keys[0], 100)).toEqual(captured[0]);
});

// Checkouts written together in one statement: each learns its own outcome, and nobody is told yes wrongly.
import { expect, test } from '@jest/globals';
import type { CheckoutSession } from '../../../src/checkout/session/checkout-session.js';
import {
  cutWaitingConnections,
  newSession,
  next,
  other,
  sessions,
  statusesOf,
  stored,
  useBatches,
  writes,
} from './batches-rig.js';

useBatches();

test('sessions written together: the current version, an old one, two for one session', async () => {
  const [a, b, c] = (await stored(3)) as [CheckoutSession, CheckoutSession, CheckoutSession];
  expect(await writes.replace(next(b, 'first@example.com'))).toBe(true);
  const outcomes = await Promise.all([
    writes.replace(next(a, 'a@example.com')),
    writes.replace(next(b, 'too-late@example.com')),
    writes.replace(next(c, 'one@example.com')),
    writes.replace(next(c, 'other@example.com')),
    writes.replace(next(newSession(), 'nobody@example.com')),
  ]);
  expect(outcomes).toEqual([true, false, true, false, false]);
  const now = await Promise.all([a, b, c].map(({ id }) => sessions.find(id)));
  expect(now.map((session) => [session?.version, session?.email])).toEqual([
    [2, 'a@example.com'],
    [2, 'first@example.com'],
    [2, 'one@example.com'],
  ]);
});

test('a session that somebody has locked keeps nobody else waiting, and is written when it is free', async () => {
  const [locked, free] = (await stored(2)) as [CheckoutSession, CheckoutSession];
  await other.query('BEGIN');
  await other.query('SELECT FROM checkout_sessions WHERE id = $1 FOR UPDATE', [locked.id]);
  const waiting = writes.replace(next(locked, 'locked@example.com'));
  expect(await writes.replace(next(free, 'free@example.com'))).toBe(true);
  expect((await sessions.find(locked.id))?.version).toBe(1);
  await other.query('COMMIT');
  expect(await waiting).toBe(true);
});

test('a session that PostgreSQL cannot store spoils itself only', async () => {
  const good = newSession();
  const bad = newSession({ email: 'NUL \0' });
  expect(await statusesOf([writes.insert(good), writes.insert(bad)])).toEqual(['fulfilled', 'rejected']);
  expect(await sessions.find(good.id)).toEqual(good);
});

test('when the connection of a shared write is cut, nobody is told that it was written', async () => {
  const made = await stored(3);
  await other.query('BEGIN; LOCK TABLE checkout_sessions IN EXCLUSIVE MODE');
  const outcomes = statusesOf(made.map((session) => writes.replace(next(session, 'cut@example.com'))));
  await cutWaitingConnections();
  expect(await outcomes).toEqual(['rejected', 'rejected', 'rejected']);
  await other.query('COMMIT');
  const now = await Promise.all(made.map(({ id }) => sessions.find(id)));
  expect(now.map((session) => session?.version)).toEqual([1, 1, 1]);
});

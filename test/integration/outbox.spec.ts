// The outbox and its relay. Events are written with plain SQL, as triggers do it as well.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { Database } from '../../src/platform/database/database.js';
import { appendToOutbox } from '../../src/platform/outbox/outbox.js';
import { OutboxRepository } from '../../src/platform/outbox/outbox.repository.js';
import { OutboxRelay } from '../../src/platform/outbox/outbox-relay.js';
import { eventually } from '../support/eventually.js';
import { database, shop, useModules } from '../support/modules-rig.js';

let sql: pg.Pool;

afterAll(() => sql?.end());
// The relay does not run by itself: each test has one of its own.
useModules([], { ROLE: 'api' });
beforeAll(async () => {
  sql = new pg.Pool({ connectionString: database.url, max: 2 });
});
afterEach(() => sql.query('DELETE FROM outbox'));

const silent = { warn: () => {} } as never;
const newRelay = (claimMs = 60_000) => new OutboxRelay(shop.app.get(OutboxRepository), silent, claimMs);
const orderPlaced = (orderId: string, attemptId: string) =>
  ({ event: 'order.placed', payload: { orderId, attemptId, checkoutId: 'c', cartId: 'k' } }) as const;
const append = (...events: Parameters<typeof appendToOutbox>[1]) => appendToOutbox(shop.app.get(Database).orm, events);
const left = async () => (await sql.query<{ n: number }>('SELECT count(*)::int AS n FROM outbox')).rows[0]!.n;
const dueNow = () => sql.query('UPDATE outbox SET available_at = now()');

test('what is due together is handed over together, and gone when it was taken', async () => {
  const relay = newRelay();
  const seen: string[][] = [];
  relay.onBatch('order.placed', 'test', async (payloads) => {
    seen.push(payloads.map(({ orderId }) => orderId).sort());
  });
  await append(orderPlaced('a', '1'), orderPlaced('b', '1'), orderPlaced('c', '1'));
  expect(await relay.deliverDue()).toBe(3);
  expect({ seen, left: await left() }).toEqual({ seen: [['a', 'b', 'c']], left: 0 });
});

test('a batch that fails comes again one by one: what cannot be taken holds nobody back', async () => {
  const relay = newRelay();
  const seen: string[][] = [];
  relay.onBatch('order.placed', 'test', async (payloads) => {
    seen.push(payloads.map(({ orderId }) => orderId).sort());
    if (payloads.some(({ orderId }) => orderId === 'bad')) throw new Error('no');
  });
  await append(orderPlaced('good', '1'), orderPlaced('bad', '1'));
  await relay.deliverDue();
  await dueNow();
  await relay.deliverDue();
  expect(seen[0]).toEqual(['bad', 'good']);
  expect(seen.slice(1).sort()).toEqual([['bad'], ['good']]);
  const { rows } = await sql.query('SELECT payload, last_error FROM outbox');
  expect(rows).toMatchObject([{ payload: { orderId: 'bad' }, last_error: 'test: no' }]);
});

test('events of one order come in the order written, also past a failure and over two relays', async () => {
  const seen: string[] = [];
  let failures = 3;
  const relays = [newRelay(), newRelay()];
  for (const relay of relays) {
    relay.on('order.placed', 'test', async ({ orderId, attemptId }) => {
      if (orderId === 'a' && attemptId === '1' && failures-- > 0) throw new Error('not yet');
      seen.push(orderId + attemptId);
    });
  }
  await append(orderPlaced('a', '1'), orderPlaced('a', '2'), orderPlaced('b', '1'), orderPlaced('a', '3'));
  await eventually(async () => {
    await Promise.all(relays.map((relay) => relay.deliverDue()));
    await dueNow();
    expect(await left()).toBe(0);
  });
  expect(seen.filter((event) => event.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
  expect(seen.indexOf('b1')).toBe(0); // the other order did not wait
});

test('the events of a relay that was killed pass to another when its claim ends', async () => {
  await append(orderPlaced('a', '1'));
  await shop.app.get(OutboxRepository).claim(['order.placed'], 3_000);
  const relay = newRelay();
  const seen: string[] = [];
  relay.on('order.placed', 'test', async ({ orderId }) => void seen.push(orderId));
  await relay.deliverDue();
  expect(seen).toEqual([]);
  await eventually(async () => {
    await relay.deliverDue();
    expect(seen).toEqual(['a']);
  });
});

test('one that hangs lets others pass beside it, and stopping waits for it', async () => {
  const relay = newRelay();
  const seen: string[] = [];
  let release = () => {};
  const hanging = new Promise<void>((resolve) => {
    release = resolve;
  });
  relay.on('order.placed', 'test', async ({ orderId }) => {
    if (orderId === 'hangs') await hanging;
    seen.push(orderId);
  });
  await append(orderPlaced('hangs', '1'));
  relay.start();
  await eventually(async () => {
    const { rows } = await sql.query('SELECT attempts FROM outbox');
    expect(rows).toEqual([{ attempts: 1 }]);
  });
  await append(orderPlaced('passes', '1'));
  await eventually(async () => expect(seen).toEqual(['passes']));
  const stopped = relay.stop();
  release();
  await stopped;
  expect({ seen, left: await left() }).toEqual({ seen: ['passes', 'hangs'], left: 0 });
});

test('an event that is dead waits for a person, and those that follow it wait with it', async () => {
  const relay = newRelay();
  const seen: string[] = [];
  let willing = false;
  relay.on('order.placed', 'test', async ({ attemptId }) => {
    if (!willing) throw new Error('no');
    seen.push(attemptId);
  });
  await append(orderPlaced('a', '1'), orderPlaced('a', '2'));
  await sql.query(`UPDATE outbox SET attempts = 19, created_at = now() - interval '4 days'`);
  await relay.deliverDue();
  const repository = shop.app.get(OutboxRepository);
  const [dead] = await repository.dead(10);
  expect(dead).toMatchObject({ payload: { attemptId: '1' }, lastError: 'test: no' });
  expect(await repository.backlog()).toMatchObject({ waiting: 1, dead: 1 });
  willing = true;
  await dueNow();
  await relay.deliverDue();
  expect(seen).toEqual([]);
  expect(await repository.revive(dead!.id)).toBe(true);
  while ((await relay.deliverDue()) > 0);
  expect({ seen, again: await repository.revive(dead!.id) }).toEqual({ seen: ['1', '2'], again: false });
});

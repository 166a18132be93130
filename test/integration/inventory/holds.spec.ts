import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { other, redis, shop, useTwoStockProcesses } from './stock-rig.js';
import { stockTools } from './stock-tools.js';

useTwoStockProcesses({ redis: { aof: true } });
const { stocked, reserve, allocate, query, availableOf, levelKeyOf, setClock } = stockTools(() => shop);

describe('holds', () => {
  test('end by themselves', async () => {
    const variantId = await stocked(3);
    expect(await reserve(variantId, 3, randomUUID(), 3_000)).toMatchObject({ kind: 'reserved' });
    expect(await reserve(variantId, 1)).toMatchObject({ kind: 'short', lines: [{ available: 0 }] });
    await eventually(async () => expect(await availableOf(variantId)).toBe(3));
    expect(await reserve(variantId, 1)).toMatchObject({ kind: 'reserved' });
  });

  test('tell a shopper when they end', async () => {
    const variantId = await stocked(3);
    const before = Date.now();
    const held = await reserve(variantId, 1, randomUUID(), 10_000);
    const expiresAtMs = held.kind === 'reserved' ? held.expiresAtMs : 0;
    expect(expiresAtMs).toBeGreaterThanOrEqual(before + 9_000);
    expect(expiresAtMs).toBeLessThanOrEqual(Date.now() + 11_000);
  });

  test('what was found expired stays so when the clock of the server is set back', async () => {
    const variantId = await stocked(5);
    const holdId = randomUUID();
    await reserve(variantId, 5, holdId, 60_000);
    // The same as a server whose clock was ahead when it swept, and then was set right.
    await setClock(variantId, Date.now() + 120_000);
    expect(await availableOf(variantId)).toBe(5);
    expect(await reserve(variantId, 5)).toMatchObject({ kind: 'reserved' });
    expect(await reserve(variantId, 5, holdId)).toMatchObject({ kind: 'short' });
  });

  test('more than a thousand end at once', async () => {
    const variantId = await stocked(5_000);
    await Promise.all(Array.from({ length: 2_500 }, () => reserve(variantId, 1)));
    expect(await availableOf(variantId)).toBe(2_500);
    await setClock(variantId, Date.now() + 120_000);
    expect(await availableOf(variantId)).toBe(5_000);
    expect((await shop.inspection.inspect(variantId)).main.holds).toEqual({ count: 0, quantity: 0, items: [] });
  });

  test('are given back whatever lines the caller believes in', async () => {
    const [a, b] = [await stocked(1), await stocked(1)];
    const holdId = randomUUID();
    await reserve(a, 1, holdId);
    expect(await shop.inventory.release(holdId, [{ variantId: b, quantity: 1 }], 'cancelled | by hand')).toEqual({
      kind: 'released',
    });
    expect(await availableOf(a)).toBe(1);
    expect(await reserve(a, 1, holdId)).toEqual({ kind: 'resolved' });
  });

  test('many buyers want the last ones: so many get them', async () => {
    const [a, b] = [await stocked(20), await stocked(20)];
    const both = [
      { variantId: a, quantity: 1 },
      { variantId: b, quantity: 1 },
    ];
    const results = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        (i % 3 === 0 ? other : shop).inventory.reserve({
          holdId: randomUUID(),
          lines: i % 2 === 0 ? both : both.toReversed(),
          ttlMs: 60_000,
        }),
      ),
    );
    expect(results.filter(({ kind }) => kind === 'reserved')).toHaveLength(20);
    expect(results.filter(({ kind }) => kind === 'short')).toHaveLength(80);
  });

  test('become orders: Redis follows PostgreSQL, also when the message comes twice and late', async () => {
    const variantId = await stocked(10);
    const [first, second] = [randomUUID(), randomUUID()];
    const [firstOrder, secondOrder] = [randomUUID(), randomUUID()];
    await reserve(variantId, 2, first);
    await reserve(variantId, 3, second);
    await allocate([{ variantId, quantity: 2 }], firstOrder);
    await allocate([{ variantId, quantity: 3 }], secondOrder);
    for (const [orderId, holdId] of [
      [secondOrder, second],
      [firstOrder, first],
      [secondOrder, second],
    ] as const) {
      await other.inventory.commitOrder(orderId, holdId);
    }
    const { postgres, redis: mirrored, holds } = (await shop.inspection.inspect(variantId)).main;
    expect(mirrored).toMatchObject({ onHand: 5, held: 0, version: postgres.version });
    expect(holds.count).toBe(0);
    expect(await reserve(variantId, 1, first)).toEqual({ kind: 'resolved' });
  });
});

describe('what Redis can do to us', () => {
  test('FLUSHALL: two processes notice at once, the epoch goes up once, a payment takes its stock again', async () => {
    const variantId = await stocked(4);
    const lines = [{ variantId, quantity: 4 }];
    const holdId = randomUUID();
    await shop.inventory.reserve({ holdId, lines, ttlMs: 60_000 });
    const epoch = await shop.epoch.verify();
    await shop.redis.flushall();
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        (i % 2 ? shop : other).inventory.extend(holdId, { lines, ttlMs: 60_000, maxTotalMs: 600_000 }),
      ),
    );
    expect(results.filter(({ kind }) => kind === 'reacquired')).toHaveLength(1);
    expect(results.filter(({ kind }) => kind === 'extended')).toHaveLength(19);
    expect(await other.epoch.verify()).toBe(epoch + 1);
    expect(await availableOf(variantId)).toBe(0);
  });

  test('kill -9 and an old append-only file: levels are void, holds live on until they end', async () => {
    const variantId = await stocked(10);
    await reserve(variantId, 4);
    const epoch = await shop.epoch.verify();
    await sleep(1_100); // what was written a second ago is on disk
    await redis.kill9();
    // PostgreSQL stands in; what Redis holds it does not know.
    expect(await reserve(variantId, 1)).toMatchObject({ kind: 'reserved' });
    // Sold meanwhile, and nobody could tell Redis.
    await allocate([{ variantId, quantity: 5 }]);
    expect(await availableOf(variantId)).toBe(4);
    await redis.start();
    // The hold of before and the one that was handed over: nothing is left of five.
    await eventually(async () => {
      expect(shop.redis.status).toBe('ready');
      expect(await availableOf(variantId)).toBe(0);
    });
    expect(await reserve(variantId, 1)).toMatchObject({ kind: 'short' });
    await eventually(async () => expect(await other.epoch.current()).toBe(epoch + 1));
  });

  test('PostgreSQL comes back from a backup: its versions count, not the newer ones in Redis', async () => {
    const variantId = await stocked(10);
    await allocate([{ variantId, quantity: 6 }]);
    expect(await availableOf(variantId)).toBe(4);
    await query('ALTER TABLE inventory_levels DISABLE TRIGGER inventory_levels_guard');
    await query('UPDATE inventory_levels SET on_hand = 10, version = 1 WHERE variant_id = $1', [variantId]);
    await query('ALTER TABLE inventory_levels ENABLE TRIGGER inventory_levels_guard');
    expect(await shop.reconciliation.reconcile()).toMatchObject({
      differing: 1,
      epochRaised: true,
      differences: [{ kind: 'wrong', postgres: { onHand: 10, version: 1 }, redis: { onHand: 4, version: 2 } }],
    });
    expect(await availableOf(variantId)).toBe(10);
    await query('UPDATE inventory_epochs SET epoch = epoch - 1');
    const before = (await query('SELECT epoch FROM inventory_epochs'))[0].epoch;
    expect(await shop.epoch.verify()).toBe(Number(before) + 2);
  });

  test('a level somebody wrote by hand is found and repaired', async () => {
    const variantId = await stocked(3);
    await availableOf(variantId);
    await shop.redis.hset(levelKeyOf(variantId), 'n', 99);
    expect(await shop.reconciliation.reconcile()).toMatchObject({ differing: 1, epochRaised: true });
    expect(await availableOf(variantId)).toBe(3);
    expect(await shop.reconciliation.reconcile()).toMatchObject({ differing: 0, epochRaised: false });
  });
});

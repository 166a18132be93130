// Holds in PostgreSQL while Redis is away, and their way back into Redis.
import { randomUUID } from 'node:crypto';
import { describe, expect, jest, test } from '@jest/globals';
import { type StockLine, toHoldLines } from '../../../src/inventory/holds/hold-lines.js';
import { RedisHolds } from '../../../src/inventory/holds/redis-holds.service.js';
import { HoldHandoverRepository } from '../../../src/inventory/standby/hold-handover.repository.js';
import { HoldHandover } from '../../../src/inventory/standby/hold-handover.service.js';
import { StandbyHolds } from '../../../src/inventory/standby/standby-holds.service.js';
import { eventually } from '../../support/eventually.js';
import { createRandom } from '../../support/random.js';
import { other, shop, useTwoStockProcesses } from './stock-rig.js';
import { stockTools } from './stock-tools.js';

useTwoStockProcesses({ env: { STANDBY_HOLDS_PER_S: '100000', STANDBY_HOLDS_AT_ONCE: '20' } });
const { stocked, query, availableOf } = stockTools(() => shop);
const standby = (process = shop) => process.get(StandbyHolds);
const take = (holdId: string, lines: readonly StockLine[], ttlMs = 60_000, process = shop) =>
  standby(process).reserve(holdId, toHoldLines(lines), ttlMs);
const release = (holdId: string, lines: readonly StockLine[]) => standby().release(holdId, toHoldLines(lines), 'test');
const restore = (holdId: string, lines: readonly StockLine[], ttlMs = 60_000) =>
  shop.get(RedisHolds).restore({ holdId, lines: toHoldLines(lines), ttlMs, spanMs: ttlMs });
const handOver = (process = shop) => process.get(HoldHandover).run();
const heldInRedis = async (variantId: string) => (await shop.inspection.inspect(variantId)).main.holds;

describe('PostgreSQL', () => {
  test('holds no more than there is, from two processes and for carts in any order', async () => {
    const random = createRandom('standby holds');
    const variantIds = await Promise.all(Array.from({ length: 5 }, () => stocked(10)));
    const carts = Array.from({ length: 80 }, () =>
      random
        .shuffle(variantIds)
        .slice(0, random.integer(1, 5))
        .map((variantId) => ({ variantId, quantity: random.integer(1, 2) })),
    );
    const answers = await Promise.all(
      carts.map((lines, i) => take(randomUUID(), lines, 60_000, i % 2 === 0 ? shop : other)),
    );
    for (const variantId of variantIds) {
      const held = carts
        .filter((_, i) => answers[i]?.kind === 'reserved')
        .flat()
        .reduce((sum, line) => sum + (line.variantId === variantId ? line.quantity : 0), 0);
      const singles = await Promise.all(
        Array.from({ length: 10 }, () => take(randomUUID(), [{ variantId, quantity: 1 }])),
      );
      expect(held + singles.filter(({ kind }) => kind === 'reserved').length).toBe(10);
    }
    expect(answers.filter(({ kind }) => kind !== 'reserved' && kind !== 'short')).toEqual([]);
  });

  test('answers as Redis does: the same again, other lines, given back ahead, lapsed', async () => {
    const variantId = await stocked(3);
    const lines = [{ variantId, quantity: 3 }];
    const holdId = randomUUID();
    const first = await take(holdId, lines);
    expect(first).toMatchObject({ kind: 'reserved' });
    expect(await take(holdId, lines)).toEqual(first);
    expect(await take(holdId, [{ variantId, quantity: 2 }])).toEqual({ kind: 'conflict' });
    expect(await take(randomUUID(), [{ variantId, quantity: 1 }])).toEqual({
      kind: 'short',
      lines: [{ variantId, requested: 1, available: 0 }],
    });
    const extended = await standby().extend(holdId, toHoldLines(lines), { ttlMs: 1, maxTotalMs: 600_000 });
    expect(extended).toEqual({ kind: 'extended', expiresAtMs: first.kind === 'reserved' ? first.expiresAtMs : 0 });
    expect(await release(holdId, lines)).toEqual({ kind: 'released' });
    expect(await release(holdId, lines)).toEqual({ kind: 'already' });
    expect(await take(holdId, lines)).toEqual({ kind: 'resolved' });

    const late = randomUUID();
    expect(await release(late, lines)).toEqual({ kind: 'released' });
    expect(await take(late, lines)).toEqual({ kind: 'resolved' });

    const short = randomUUID();
    await take(short, lines, 1);
    await query(`UPDATE inventory_holds SET expires_at = now() - interval '1 second' WHERE hold_id = $1`, [short]);
    expect(await take(randomUUID(), [{ variantId, quantity: 1 }])).toMatchObject({ kind: 'reserved' });
    const options = { ttlMs: 1_000, maxTotalMs: 600_000 };
    expect(await standby().extend(short, toHoldLines(lines), options)).toMatchObject({ kind: 'expired' });
    expect(await take(randomUUID(), [{ variantId: randomUUID(), quantity: 1 }])).toMatchObject({ kind: 'short' });
  });
});

describe('a promise in Redis', () => {
  test('counts once however often it is restored, and never gets shorter', async () => {
    const variantId = await stocked(5);
    const lines = [{ variantId, quantity: 2 }];
    const holdId = randomUUID();
    const held = await shop.inventory.reserve({ holdId, lines, ttlMs: 30_000 });
    for (const ttlMs of [60_000, 10_000, 60_000, 90_000]) expect(await restore(holdId, lines, ttlMs)).toBe('restored');
    const { quantity, count, items } = await heldInRedis(variantId);
    expect({ quantity, count }).toEqual({ quantity: 2, count: 1 });
    expect(items[0]!.expiresAtMs).toBeGreaterThan((held.kind === 'reserved' ? held.expiresAtMs : 0) + 50_000);
    expect(await availableOf(variantId)).toBe(3);
  });

  test('is kept beyond what there is, and ends for good', async () => {
    const variantId = await stocked(3);
    const lines = [{ variantId, quantity: 2 }];
    const [first, second] = [randomUUID(), randomUUID()];
    for (const holdId of [first, second]) expect(await restore(holdId, lines)).toBe('restored');
    expect((await heldInRedis(variantId)).quantity).toBe(4);
    expect(await availableOf(variantId)).toBe(0);
    expect(await shop.inventory.release(first, lines, 'test')).toEqual({ kind: 'released' });
    expect(await restore(first, lines)).toBe('gone');
    expect(await restore(second, [{ variantId, quantity: 1 }])).toBe('gone');
    expect((await heldInRedis(variantId)).quantity).toBe(2);
    expect(await availableOf(variantId)).toBe(1);
  });
});

describe('the hand-over', () => {
  test('that is broken off and done by two at once leaves each hold once', async () => {
    const variantId = await stocked(100);
    const holds = Array.from({ length: 30 }, (_, i) => ({
      id: randomUUID(),
      lines: [{ variantId, quantity: 1 + (i % 3) }],
    }));
    for (const { id, lines } of holds) await take(id, lines);
    const ended = holds.slice(0, 10);
    for (const { id, lines } of ended) await release(id, lines);
    jest.spyOn(shop.get(HoldHandoverRepository), 'markDone').mockRejectedValueOnce(new Error('killed'));
    await handOver().catch(() => {});
    await Promise.all([handOver(shop), handOver(other), handOver(shop), handOver(other)]);
    jest.restoreAllMocks();

    const live = holds.slice(10);
    const expected = live.reduce((sum, { lines }) => sum + lines[0]!.quantity, 0);
    const { quantity, count } = await heldInRedis(variantId);
    expect({ quantity, count }).toEqual({ quantity: expected, count: live.length });
    await eventually(async () => {
      await handOver();
      expect(await query('SELECT hold_id FROM inventory_holds WHERE NOT handed_over')).toEqual([]);
    });
    for (const { id, lines } of live) await shop.inventory.release(id, lines, 'test');
    expect((await heldInRedis(variantId)).quantity).toBe(0);
  });

  test('sees that a hold ended in Redis, by a process that did not know yet that it counts in PostgreSQL', async () => {
    const variantId = await stocked(5);
    const lines = [{ variantId, quantity: 2 }];
    const holdId = randomUUID();
    await take(holdId, lines);
    await handOver();
    expect((await heldInRedis(variantId)).quantity).toBe(2);
    expect(await shop.get(RedisHolds).release(holdId, toHoldLines(lines), 'test')).toEqual({ kind: 'released' });
    await handOver();
    expect(await query('SELECT state FROM inventory_holds WHERE hold_id = $1', [holdId])).toEqual([
      { state: 'released' },
    ]);
    expect(await take(randomUUID(), [{ variantId, quantity: 5 }])).toMatchObject({ kind: 'reserved' });
  });

  test('that has read a hold before it ended does not bring it back', async () => {
    const variantId = await stocked(5);
    const lines = [{ variantId, quantity: 2 }];
    const holdId = randomUUID();
    await take(holdId, lines);
    const repository = shop.get(HoldHandoverRepository);
    const waiting = repository.waiting.bind(repository);
    jest.spyOn(repository, 'waiting').mockImplementationOnce(async (after, limit) => {
      const read = await waiting(after, limit);
      await release(holdId, lines);
      return read;
    });
    await handOver();
    jest.restoreAllMocks();
    await handOver();
    expect((await heldInRedis(variantId)).quantity).toBe(0);
    expect(await shop.inventory.reserve({ holdId, lines, ttlMs: 1_000 })).toEqual({ kind: 'resolved' });
  });

  test('that has read a hold as lapsed does not end it when it was taken again', async () => {
    const variantId = await stocked(5);
    const lines = [{ variantId, quantity: 2 }];
    const holdId = randomUUID();
    await take(holdId, lines);
    await query(`UPDATE inventory_holds SET expires_at = now() - interval '1 second' WHERE hold_id = $1`, [holdId]);
    const again = () => standby(other).extend(holdId, toHoldLines(lines), { ttlMs: 60_000, maxTotalMs: 600_000 });
    const repository = shop.get(HoldHandoverRepository);
    const waiting = repository.waiting.bind(repository);
    jest.spyOn(repository, 'waiting').mockImplementationOnce(async (after, limit) => {
      const read = await waiting(after, limit);
      expect(await again()).toMatchObject({ kind: 'reacquired' });
      return read;
    });
    await handOver();
    jest.restoreAllMocks();
    expect(await again()).toMatchObject({ kind: 'extended' });
    await handOver();
    const { quantity, count } = await heldInRedis(variantId);
    expect({ quantity, count }).toEqual({ quantity: 2, count: 1 });
  });
});

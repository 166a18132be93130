// Stock in eight partitions: a hold over several of them is one hold, also when it is asked for twice at once.
import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { StockPartition } from '../../../src/inventory/holds/stock-partition.store.js';
import type { ReserveResult } from '../../../src/inventory/index.js';
import { createRandom } from '../../support/random.js';
import { other, shop, useTwoStockProcesses } from './stock-rig.js';
import { stockTools } from './stock-tools.js';

const TIMES = { ttlMs: 60_000, maxTotalMs: 600_000 };

useTwoStockProcesses({ env: { INVENTORY_PARTITIONS: '8' } });
afterEach(() => {
  jest.restoreAllMocks();
});

const { stocked, availableOf } = stockTools(() => shop);

/** A variant's id in one of the eight. */
const idIn = (partition: number) => `${randomUUID().slice(0, -8)}0000000${partition}`;
const stockedIn = (partition: number, onHand: number) => stocked(onHand, { variantId: idIn(partition) });
const oneOf = (...variantIds: string[]) => variantIds.map((variantId) => ({ variantId, quantity: 1 }));
const take = (lines: { variantId: string; quantity: number }[], holdId: string = randomUUID(), process = shop) =>
  process.inventory.reserve({ holdId, lines, ttlMs: TIMES.ttlMs });

/** Runs something when a partition has answered so for the first time, before the answer goes on its way. */
function whenAnswered(method: 'reserve' | 'extend', kind: string, work: () => Promise<void>): void {
  const real = StockPartition.prototype[method];
  let isFirst = true;
  jest.spyOn(StockPartition.prototype, method).mockImplementation(async function (this: StockPartition, ...args) {
    const reply = await (real as (...given: unknown[]) => ReturnType<typeof real>).apply(this, args);
    if (reply.kind === kind && isFirst) {
      isFirst = false;
      await work();
    }
    return reply as never;
  });
}

describe('a hold over several partitions', () => {
  test('has all of its lines or none, and says which are short', async () => {
    const [plenty, few, none] = [await stockedIn(0, 5), await stockedIn(2, 1), await stockedIn(3, 0)];
    const lines = [
      { variantId: few, quantity: 2 },
      { variantId: plenty, quantity: 1 },
    ];
    expect(await take(lines)).toEqual({ kind: 'short', lines: [{ variantId: few, requested: 2, available: 1 }] });
    expect(await take(oneOf(plenty, none))).toMatchObject({ kind: 'short', lines: [{ variantId: none }] });
    expect(await availableOf(plenty)).toBe(5);
    const holdId = randomUUID();
    const held = await take(oneOf(plenty, few), holdId);
    expect(held).toMatchObject({ kind: 'reserved' });
    expect(await take(oneOf(plenty, few), holdId)).toEqual(held);
    expect([await availableOf(plenty), await availableOf(few)]).toEqual([4, 0]);
    expect(await shop.inventory.release(holdId, oneOf(plenty, few), 'test')).toEqual({ kind: 'released' });
    expect([await availableOf(plenty), await availableOf(few)]).toEqual([5, 1]);
  });

  test('is taken at once though the levels of none of them are loaded yet', async () => {
    const variantIds = await Promise.all(Array.from({ length: 8 }, (_, n) => stockedIn(n, 1)));
    expect(await take(oneOf(...variantIds))).toMatchObject({ kind: 'reserved' });
  });

  test('keeps nothing beside a variant that nobody ever stocked', async () => {
    const plenty = await stockedIn(0, 5);
    const unknown = idIn(2);
    expect(await take(oneOf(plenty, unknown))).toMatchObject({ kind: 'short', lines: [{ variantId: unknown }] });
    const extended = await shop.inventory.extend(randomUUID(), { ...TIMES, lines: oneOf(plenty, unknown) });
    expect(extended).toMatchObject({ kind: 'expired', lines: [{ variantId: unknown }] });
    expect(await availableOf(plenty)).toBe(5);
  });
});

describe('a redis that loses everything between two partitions of a hold', () => {
  test('is asked for both again', async () => {
    const [first, last] = [await stockedIn(0, 1), await stockedIn(2, 1)];
    const [holdId, lines] = [randomUUID(), oneOf(first, last)];
    whenAnswered('reserve', 'reserved', async () => void (await shop.redis.flushall()));
    expect(await take(lines, holdId)).toMatchObject({ kind: 'reserved' });
    expect([await availableOf(first), await availableOf(last)]).toEqual([0, 0]);
    expect(await shop.inventory.extend(holdId, { ...TIMES, lines })).toMatchObject({ kind: 'extended' });
  });

  test('has a hold that is made to live longer with all of its lines', async () => {
    const [first, last] = [await stockedIn(0, 1), await stockedIn(2, 1)];
    const [holdId, lines] = [randomUUID(), oneOf(first, last)];
    await take(lines, holdId);
    whenAnswered('extend', 'extended', async () => void (await shop.redis.flushall()));
    expect(await shop.inventory.extend(holdId, { ...TIMES, lines })).toMatchObject({ kind: 'reacquired' });
    expect([await availableOf(first), await availableOf(last)]).toEqual([0, 0]);
  });
});

describe('the same hold asked for twice at once', () => {
  test('is held for both when the second finds what the first lacked', async () => {
    const [plenty, last] = [await stockedIn(0, 5), await stockedIn(2, 1)];
    const blocker = randomUUID();
    await take(oneOf(last), blocker);
    const [holdId, lines] = [randomUUID(), oneOf(plenty, last)];
    let second: ReserveResult | undefined;
    whenAnswered('reserve', 'short', async () => {
      await other.inventory.release(blocker, oneOf(last), 'test');
      second = await take(lines, holdId, other);
    });
    const first = await take(lines, holdId);
    expect(second).toMatchObject({ kind: 'reserved' });
    expect(first).toEqual(second);
    expect(await shop.inventory.extend(holdId, { ...TIMES, lines })).toMatchObject({ kind: 'extended' });
    expect([await availableOf(plenty), await availableOf(last)]).toEqual([4, 0]);
  });

  test('is held for nobody when the second comes after the first was refused', async () => {
    const [plenty, last] = [await stockedIn(0, 5), await stockedIn(2, 1)];
    const blocker = randomUUID();
    await take(oneOf(last), blocker);
    const [holdId, lines] = [randomUUID(), oneOf(plenty, last)];
    expect(await take(lines, holdId)).toMatchObject({ kind: 'short' });
    await shop.inventory.release(blocker, oneOf(last), 'test');
    expect(await take(lines, holdId, other)).toEqual({ kind: 'resolved' });
    expect([await availableOf(plenty), await availableOf(last)]).toEqual([5, 1]);
  });

  test('is taken again for both after it was lost', async () => {
    const [plenty, last] = [await stockedIn(0, 5), await stockedIn(2, 1)];
    const blocker = randomUUID();
    await take(oneOf(last), blocker);
    const [holdId, lines] = [randomUUID(), oneOf(plenty, last)];
    let second: unknown;
    whenAnswered('extend', 'expired', async () => {
      await other.inventory.release(blocker, oneOf(last), 'test');
      second = await other.inventory.extend(holdId, { ...TIMES, lines });
    });
    expect(await shop.inventory.extend(holdId, { ...TIMES, lines })).toMatchObject({ kind: 'extended' });
    expect(second).toMatchObject({ kind: 'reacquired' });
    expect([await availableOf(plenty), await availableOf(last)]).toEqual([4, 0]);
  });

  test('by a crowd: whoever was told that it is held has it, and nothing else stays held', async () => {
    const random = createRandom('duplicates over partitions');
    const variantIds = await Promise.all(Array.from({ length: 8 }, (_, n) => stockedIn(n, 4)));
    for (let round = 0; round < 20; round++) {
      const holds = Array.from({ length: 12 }, () => ({
        holdId: randomUUID(),
        lines: oneOf(...random.shuffle(variantIds).slice(0, random.integer(2, 4))),
        isGivenBack: random.chance(0.4),
      }));
      const kept = new Set<string>();
      const asked = holds.flatMap((hold) => [shop, other, shop].map((process) => ({ ...hold, process })));
      await Promise.all(
        random.shuffle(asked).map(async ({ holdId, lines, isGivenBack, process }) => {
          const { kind } = await take(lines, holdId, process);
          if (kind !== 'reserved') return;
          if (isGivenBack) await process.inventory.release(holdId, lines, 'changed their mind');
          else kept.add(holdId);
        }),
      );
      for (const { holdId, lines } of holds.filter((hold) => kept.has(hold.holdId))) {
        expect(await shop.inventory.extend(holdId, { ...TIMES, lines })).toMatchObject({ kind: 'extended' });
        await shop.inventory.release(holdId, lines, 'the end of a round');
      }
      expect((await shop.inventory.availability(variantIds)).map(({ available }) => available)).toEqual(
        variantIds.map(() => 4),
      );
    }
  });
});

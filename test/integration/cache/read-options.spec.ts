// What a single read, and a loader, may ask for.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { cachePolicy } from '../../../src/cache/cache-policy.js';
import { unchanged } from '../../../src/cache/loading/load-context.js';
import { keyspace } from '../../../src/platform/keyspace.js';
import { aKey, type Item, redisOf, useCacheRig } from './cache-rig.js';

const rig = useCacheRig();
const product = { jitter: 0, earlyRefreshFactor: 0 };
const { freshMs } = cachePolicy.product.redis;
const { staleMs, failSafeMs } = cachePolicy.product;
/** Past its stale time, within its fail-safe time. */
const lateMs = freshMs + staleMs + 60_000;

describe('options of a read', () => {
  it('bypass memory or redis, and keep the answer in the tiers that were asked', async () => {
    const a = await rig.startProcess();
    const key = aKey();
    rig.origin.versions.set(key, 1);
    await a.products.get(key, { without: ['redis'] });
    await a.cache.settled();
    expect(await redisOf(a).exists(keyspace.application.entry('product', key))).toBe(0);
    expect(await a.products.get(key)).toMatchObject({ tier: 'memory' });
    const other = aKey();
    rig.origin.versions.set(other, 1);
    await a.products.get(other);
    await a.cache.settled();
    expect(await a.products.get(other, { without: ['memory'] })).toMatchObject({ tier: 'redis' });
    expect(await a.products.get(other, { without: ['memory', 'redis'] })).toMatchObject({ tier: 'origin' });
    expect(await a.products.get(other, { refresh: true })).toMatchObject({ tier: 'origin' });
  });

  it('accept what is late, from memory and from redis, and load it anew behind', async () => {
    const [a, b] = [await rig.startProcess({ product }), await rig.startProcess({ product })];
    const key = aKey();
    rig.origin.versions.set(key, 1);
    await a.products.get(key);
    await a.cache.settled();
    rig.origin.versions.set(key, 2);
    rig.origin.delayMs = () => 100;
    for (const one of [a, b]) {
      one.clock.aheadMs = lateMs;
      expect(await one.products.get(key, { acceptStale: true })).toMatchObject({
        stale: true,
        document: { value: { version: 1 } },
      });
    }
    await Promise.all([a.cache.settled(), b.cache.settled()]);
    for (const one of [a, b]) expect(one.products.peek(key)).toMatchObject({ document: { value: { version: 2 } } });
    expect(rig.origin.loads).toBe(2);
  });

  it('give what is late at the soft deadline, wait on when there is nothing, and end at the hard one', async () => {
    const a = await rig.startProcess({ product });
    const [key, unknown] = [aKey(), aKey()];
    for (const one of [key, unknown]) rig.origin.versions.set(one, 1);
    await a.products.get(key);
    await a.cache.settled();
    a.clock.aheadMs = lateMs;
    rig.origin.versions.set(key, 2);
    rig.origin.delayMs = () => 100;
    expect(await a.products.get(key, { softDeadlineMs: 20 })).toMatchObject({ stale: true, tier: 'redis' });
    expect(await a.products.get(unknown, { softDeadlineMs: 20 })).toMatchObject({ tier: 'origin', stale: false });
    await a.cache.settled();
    expect(a.products.peek(key)).toMatchObject({ stale: false, document: { value: { version: 2 } } });
    const slow = aKey();
    rig.origin.versions.set(slow, 1);
    const hard = a.products.get(slow, { softDeadlineMs: 10, deadlineMs: 40 });
    await expect(hard).rejects.toMatchObject({ code: 'unavailable' });
    await a.cache.settled();
    expect(a.products.peek(slow)).toMatchObject({ found: true }); // the load went on, and was kept
  });

  it('never give an invalidated value, however late a read accepts', async () => {
    const a = await rig.startProcess({ product });
    const key = aKey();
    rig.origin.versions.set(key, 1);
    await a.products.get(key);
    await a.cache.settled();
    a.clock.aheadMs = lateMs;
    rig.origin.versions.set(key, 2);
    await a.cache.invalidate({ tags: [`product:${key}`] });
    expect(await a.products.get(key, { acceptStale: true, softDeadlineMs: 0 })).toMatchObject({
      document: { value: { version: 2 } },
    });
    a.clock.aheadMs += freshMs + failSafeMs;
    rig.origin.versions.set(key, 3);
    expect(await a.products.get(key, { acceptStale: true })).toMatchObject({ document: { value: { version: 3 } } });
  });
});

describe('a loader', () => {
  it('may say how long its value counts as fresh', async () => {
    const a = await rig.startProcess({ product });
    const key = aKey();
    const load = async (_key: string, context: { freshFor(key: string, ms: number): void }): Promise<Item> => {
      context.freshFor(key, 5_000);
      return { id: key, version: 1 };
    };
    const first = await a.products.getOrLoad(key, load);
    // Some of it may be over by the time of the answer.
    expect(first.ttlMs).toBeLessThanOrEqual(5_000);
    expect(first.ttlMs).toBeGreaterThan(0);
    await a.cache.settled();
    expect(await redisOf(a).pttl(keyspace.application.entry('product', key))).toBeLessThanOrEqual(5_000 + failSafeMs);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1])('may not say that it is fresh for %p ms', async (freshMs) => {
    const a = await rig.startProcess({ product });
    const key = aKey();
    const load = async (_key: string, context: { freshFor(key: string, ms: number): void }): Promise<Item> => {
      context.freshFor(key, freshMs);
      return { id: key, version: 1 };
    };
    await expect(a.products.getOrLoad(key, load)).rejects.toThrow(RangeError);
    expect(a.products.copies.look(key)).toBeUndefined();
  });

  it('may say that nothing has changed: the entry is renewed in every tier, and its body is not sent again', async () => {
    const [a, b] = [await rig.startProcess({ product }), await rig.startProcess({ product })];
    const key = aKey();
    rig.origin.versions.set(key, 1);
    const first = await a.products.get(key);
    await a.cache.settled();
    const name = keyspace.application.entry('product', key);
    const before = (await redisOf(a).getBuffer(name))!;
    for (const one of [a, b]) one.clock.aheadMs = lateMs;
    const seen: (string | undefined)[] = [];
    const renewed = await b.products.getOrLoad(key, async (_key, { previous }) => {
      seen.push(previous(key)?.etag);
      return unchanged;
    });
    if (!first.found || !renewed.found) throw new Error('not found');
    expect(seen).toEqual([first.document.etag]);
    expect(renewed).toMatchObject({ tier: 'origin', stale: false, document: { value: { version: 1 } } });
    await b.cache.settled();
    const after = (await redisOf(a).getBuffer(name))!;
    expect(after.length).toBe(before.length);
    expect(after.subarray(2, 14)).toEqual(before.subarray(2, 14));
    expect(after.equals(before)).toBe(false);
    await sleep(10);
    expect(await a.products.get(key, { without: ['memory'] })).toMatchObject({ tier: 'redis', stale: false });
  });

  it('that says so of nothing fails, and nothing is kept', async () => {
    const a = await rig.startProcess();
    await expect(a.products.getOrLoad(aKey(), async () => unchanged)).rejects.toThrow('unchanged');
  });
});

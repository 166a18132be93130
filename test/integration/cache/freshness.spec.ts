// What is served past its time, and when it is loaded anew.
import { describe, expect, it } from '@jest/globals';
import { cachePolicy } from '../../../src/cache/cache-policy.js';
import { aKey, counted, useCacheRig } from './cache-rig.js';

const rig = useCacheRig();

describe('freshness', () => {
  it('serves a document past its time while it is loaded anew, once', async () => {
    const product = { jitter: 0, earlyRefreshFactor: 0, staleMs: 60_000 };
    const [a, b] = [await rig.startProcess({ product }), await rig.startProcess({ product })];
    const key = aKey();
    rig.origin.versions.set(key, 1);
    await a.products.get(key);
    await a.cache.settled();
    rig.origin.versions.set(key, 2); // nobody says so
    for (const one of [a, b]) one.clock.aheadMs = cachePolicy.product.redis.freshMs + 30_000;
    expect(await b.products.get(key)).toMatchObject({
      tier: 'redis',
      stale: true,
      document: { value: { version: 1 } },
    });
    await b.cache.settled();
    expect(b.products.peek(key)).toMatchObject({ tier: 'memory', stale: false, document: { value: { version: 2 } } });
    expect(rig.origin.loads).toBe(2);
  });

  it('checks a copy in memory against redis in the background', async () => {
    const product = { jitter: 0, earlyRefreshFactor: 0 };
    const a = await rig.startProcess({ product });
    const key = aKey();
    rig.origin.versions.set(key, 1);
    await a.products.get(key);
    await a.cache.settled();
    a.clock.aheadMs = cachePolicy.product.memory.freshMs + 1;
    expect(await a.products.get(key)).toMatchObject({ tier: 'memory', stale: false });
    await a.cache.settled();
    expect(await counted(a, 'cache_requests_total', { tier: 'redis', outcome: 'hit' })).toBe(1);
    expect(rig.origin.loads).toBe(1);
  });

  it('serves a document past its time when the origin fails, without asking it each time, but not an invalidated one', async () => {
    const a = await rig.startProcess({ product: { jitter: 0, staleMs: 0 } });
    const [key, gone] = [aKey(), aKey()];
    for (const one of [key, gone]) {
      rig.origin.versions.set(one, 1);
      await a.products.get(one);
    }
    await a.cache.settled();
    a.clock.aheadMs = cachePolicy.product.redis.freshMs + 60_000;
    rig.origin.failing = true;
    rig.origin.loads = 0;
    for (let i = 0; i < 3; i++) expect(await a.products.get(key)).toMatchObject({ found: true, stale: true });
    expect(rig.origin.loads).toBe(1);
    await a.products.invalidate([gone]);
    await expect(a.products.get(gone)).rejects.toThrow('the origin is out');
    await a.cache.invalidate({ tags: [`product:${key}`] });
    await expect(a.products.get(key)).rejects.toThrow('the origin is out');
    a.clock.aheadMs += cachePolicy.product.failSafeMs;
    rig.origin.failing = false;
    expect(await a.products.get(key)).toMatchObject({ stale: false });
  });

  it('gives one answer to all fresh hits, which tells its age when it is asked; what is late or void has another one', async () => {
    const a = await rig.startProcess({ product: { jitter: 0, earlyRefreshFactor: 0, staleMs: 60_000 } });
    const key = aKey();
    rig.origin.versions.set(key, 1);
    await a.products.get(key);
    const hit = a.products.peek(key);
    expect(hit).toMatchObject({ found: true, tier: 'memory', stale: false });
    expect(await a.products.get(key)).toBe(hit);
    expect((await a.products.getMany([key]))[0]).toBe(hit);
    const { ageMs, ttlMs } = hit!;
    a.clock.aheadMs = 10_000;
    expect(hit!.ageMs - ageMs).toBeGreaterThanOrEqual(10_000);
    expect(hit!.ageMs + hit!.ttlMs).toBe(ageMs + ttlMs);
    a.clock.aheadMs = cachePolicy.product.redis.freshMs + 1;
    rig.origin.failing = true;
    const late = await a.products.get(key);
    expect(late).toMatchObject({ stale: true });
    expect(late.ttlMs).toBeLessThan(0);
    expect(hit!.ttlMs).toBe(0);
    await a.cache.settled();
    rig.origin.failing = false;
    await rig.write(a, key, 2);
    expect(a.products.peek(key)).toBeUndefined();
    await a.products.get(key);
    expect(a.products.peek(key)).toMatchObject({ stale: false, document: { value: { version: 2 } } });
  });
});

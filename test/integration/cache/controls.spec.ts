// What an operator switches holds in every process, outlives it, and never brings an invalidated value back.
import { describe, expect, test } from '@jest/globals';
import { keyspace } from '../../../src/platform/keyspace.js';
import { eventually } from '../../support/eventually.js';
import { aKey, type Process, redisOf, useCacheRig } from './cache-rig.js';
import { OperationsRig } from './operations-rig.js';

const rig = useCacheRig();
const operations = new OperationsRig(rig);
const start = () => operations.startProcess();

function newKey(): string {
  const key = aKey();
  rig.origin.versions.set(key, 1);
  return key;
}

const tierOf = async ({ products }: Process, key: string) => (await products.get(key)).tier;
const inRedis = (process: Process, key: string) => redisOf(process).exists(keyspace.application.entry('product', key));
const back = { memory: true, redis: true, serveStaleMs: 0, redisWriteShare: 1 };

describe('controls', () => {
  test('memory off: copies are dropped and none is kept, in every process and in one that starts later', async () => {
    const [a, b] = [await start(), await start()];
    const key = newKey();
    for (const one of [a, b]) await one.products.get(key);
    await a.cache.settled();
    expect([await tierOf(a, key), await tierOf(b, key)]).toEqual(['memory', 'memory']);
    await a.controls.change('product', { memory: false }, 'test');
    expect(a.products.peek(key)).toBeUndefined();
    await eventually(() => expect(b.products.peek(key)).toBeUndefined());
    const later = await start();
    for (const one of [a, b, later]) {
      expect([await tierOf(one, key), await tierOf(one, key)]).toEqual(['redis', 'redis']);
      expect(one.products.copies.memoryUse.entries).toBe(0);
    }
    await b.controls.change('product', { memory: true }, 'test');
    await eventually(() => expect(a.controls.all.product.memory).toBe(true));
    await a.products.get(key);
    expect(await tierOf(a, key)).toBe('memory');
  });

  test('redis off: it is neither read nor written, but invalidations reach it', async () => {
    const a = await start();
    const [old, fresh] = [newKey(), newKey()];
    await a.products.get(old);
    await a.cache.settled();
    expect(await inRedis(a, old)).toBe(1);
    await a.controls.change('product', { redis: false, memory: false }, 'test');
    expect([await tierOf(a, old), await tierOf(a, fresh)]).toEqual(['origin', 'origin']);
    await a.cache.settled();
    expect(await inRedis(a, fresh)).toBe(0);
    rig.origin.versions.set(old, 2);
    await a.products.invalidate([old]);
    await a.controls.change('product', { redis: true }, 'test');
    const answer = await a.products.get(old);
    expect(answer).toMatchObject({ found: true, tier: 'origin' });
    expect(answer.found && answer.document.value.version).toBe(2);
  });

  test('serve stale: documents live longer in both tiers, and an invalidation ends them all the same', async () => {
    const a = await start();
    const key = newKey();
    await a.controls.change('product', { serveStaleMs: 3_600_000 }, 'test');
    await a.products.get(key);
    await a.cache.settled();
    const { redis: times, staleMs, failSafeMs } = a.products.policy;
    const ttlMs = await a.layers.client('application').pttl(keyspace.application.entry('product', key));
    expect(ttlMs).toBeGreaterThan(times.freshMs * 0.9 + failSafeMs + 3_000_000);
    rig.origin.failing = true;
    a.clock.aheadMs = times.freshMs + staleMs + 60_000;
    expect(await a.products.get(key)).toMatchObject({ found: true, stale: true });
    a.cache.control('product', { ...back, memory: false, serveStaleMs: 3_600_000 });
    // An attempt in the background that failed is shared as an error for a moment.
    await eventually(async () =>
      expect(await a.products.get(key)).toMatchObject({ found: true, stale: true, tier: 'redis' }),
    );
    a.cache.control('product', { ...back, serveStaleMs: 3_600_000 });
    await eventually(() => a.products.get(key));
    await a.products.invalidate([key]);
    await expect(a.products.get(key)).rejects.toThrow('out');
  });

  test('without it, the same document is not served: this is what the control does', async () => {
    const a = await start();
    const key = newKey();
    await a.products.get(key);
    await a.cache.settled();
    const { redis: times, failSafeMs } = a.products.policy;
    a.clock.aheadMs = times.freshMs + failSafeMs + 60_000;
    rig.origin.versions.set(key, 2);
    expect(await a.products.get(key)).toMatchObject({ tier: 'origin' });
  });

  test('sampled writes: a share of the loads goes to redis', async () => {
    const a = await start();
    await a.controls.change('product', { redisWriteShare: 0.5 }, 'test');
    const sampled = Array.from({ length: 200 }, newKey);
    for (const key of sampled) await a.products.get(key);
    await a.cache.settled();
    const written = await a.layers
      .client('application')
      .exists(...sampled.map((key) => keyspace.application.entry('product', key)));
    // Of 200 fair draws fewer than 60 or more than 140 come once in 10^8 runs.
    expect(written).toBeGreaterThan(60);
    expect(written).toBeLessThan(140);
    await a.controls.change('product', { redisWriteShare: 0 }, 'test');
    const key = newKey();
    await a.products.get(key);
    await a.cache.settled();
    expect(await inRedis(a, key)).toBe(0);
  });

  test('two operators at once change what they mean and nothing else', async () => {
    const [a, b] = [await start(), await start()];
    await Promise.all([
      a.controls.change('product', { redisWriteShare: 0.25 }, 'test'),
      b.controls.change('product', { serveStaleMs: 5_000 }, 'test'),
    ]);
    for (const one of [a, b]) {
      await eventually(() =>
        expect(one.controls.all.product).toMatchObject({ ...back, redisWriteShare: 0.25, serveStaleMs: 5_000 }),
      );
    }
  });
});

// What operators are told must be what happened.
import { describe, expect, test } from '@jest/globals';
import { keyspace } from '../../../src/platform/keyspace.js';
import { aKey, counted, type Process, redisOf, useCacheRig } from './cache-rig.js';

const rig = useCacheRig();

function newKey(): string {
  const key = aKey();
  rig.origin.versions.set(key, 1);
  return key;
}

const statsOf = ({ cache }: Process) => cache.stats().categories.product!;

describe('the path of misses', () => {
  test('each reason is counted, in each tier, and all of them together are the misses', async () => {
    const a = await rig.startProcess();
    const key = newKey();
    await a.products.get(key); // absent, absent
    await a.cache.settled();
    await a.products.get(key, { refresh: true }); // bypassed, bypassed
    await a.cache.settled();
    await a.cache.invalidate({ tags: ['products'] });
    await a.products.get(key); // void, void
    await a.cache.settled();
    a.clock.aheadMs = a.products.policy.redis.freshMs * 20;
    await a.products.get(key); // expired, expired
    await a.cache.settled();
    await redisOf(a).set(keyspace.application.entry('product', key), 'nonsense');
    await a.products.getMany([key, newKey()], { refresh: true }); // bypassed, bypassed: twice
    a.cache.control('product', { memory: false, redis: true, serveStaleMs: 0, redisWriteShare: 1 });
    await a.cache.settled();
    await redisOf(a).set(keyspace.application.entry('product', key), 'nonsense');
    await a.products.get(key); // bypassed, unreadable
    const { memory, redis } = statsOf(a);
    expect(memory.missed).toEqual({
      absent: 1,
      expired: 1,
      void: 1,
      unreadable: 0,
      untrusted: 0,
      down: 0,
      bypassed: 4,
    });
    expect(redis.missed).toMatchObject({ absent: 1, expired: 1, void: 1, unreadable: 1, bypassed: 3 });
    expect(Object.values(memory.missed).reduce((sum, count) => sum + count)).toBe(memory.miss);
    expect(await counted(a, 'cache_missed_total', { category: 'product', tier: 'memory', reason: 'void' })).toBe(1);
  });

  test('a redis that is out is "down", not a miss', async () => {
    const a = await rig.startProcess();
    const key = newKey();
    rig.redis.freeze();
    try {
      await a.products.get(key);
    } finally {
      rig.redis.thaw();
    }
    const { redis } = statsOf(a);
    expect(redis.miss).toBe(0);
    expect(redis.missed.down + redis.missed.bypassed).toBeGreaterThan(0);
  });
});

describe('figures', () => {
  test('latencies, load cost, bytes and what the cache saved', async () => {
    rig.origin.delayMs = () => 10;
    const [a, b] = [await rig.startProcess(), await rig.startProcess()];
    const key = newKey();
    await a.products.get(key);
    await a.cache.settled();
    await b.products.get(key);
    for (let i = 0; i < 500; i++) a.products.peek(key);
    const [first, second] = [statsOf(a), statsOf(b)];
    expect(first.origin.latencyMs.p50).toBeGreaterThan(15);
    expect(first.memory).toMatchObject({ hit: 500, entries: 1, hitRatio: 500 / 501 });
    expect(first.memory.latencyMs.p50).toBeLessThan(5);
    expect(first.redis.writtenBytes).toBeGreaterThan(20);
    expect(first.effectiveness.savedMs).toBeGreaterThan(500 * 10);
    // Who read it from redis knows what it cost another process.
    expect(second.loadCostMs.p50).toBeGreaterThan(15);
    expect(second.redis).toMatchObject({ hit: 1, writtenBytes: 0 });
    const name = 'cache_tier_seconds_bucket';
    const labels = { category: 'product', tier: 'origin' };
    expect(await counted(a, name, { ...labels, le: '0.004' })).toBe(0);
    expect(await counted(a, name, { ...labels, le: '+Inf' })).toBe(1);
    expect(await counted(a, 'cache_saved_seconds', { category: 'product' })).toBeGreaterThan(5);
    expect(await counted(b, 'cache_load_cost_seconds_sum')).toBeGreaterThan(0.015);
    expect(await counted(b, 'cache_load_cost_seconds_count')).toBe(second.redis.hit);
  });

  test('evictions are counted, and replaced or invalidated copies are none', async () => {
    const a = await rig.startProcess({
      product: { memory: { freshMs: 60_000, maxEntries: 5, maxBytes: 100_000, keepsValue: false } },
    });
    const keys = Array.from({ length: 8 }, newKey);
    for (const key of keys) await a.products.get(key);
    const { entries, evictions } = statsOf(a).memory;
    expect(entries + evictions).toBe(8);
    await a.products.get(keys[7]!, { refresh: true });
    await a.products.invalidate([keys[7]!]);
    expect(statsOf(a).memory.evictions).toBe(evictions);
  });

  test('hot keys are the ones that were read most, whatever way', async () => {
    const a = await rig.startProcess();
    const keys = Array.from({ length: 20 }, newKey);
    await a.products.getMany(keys);
    // One in 1,024 is looked at in a loop as tight as this: about 590, 195 and 49 of these.
    for (let i = 0; i < 600_000; i++) {
      a.products.peek(keys[3]!);
      if (i % 3 === 0) a.products.peek(keys[7]!);
      if (i % 12 === 0) await a.products.getMany([keys[9]!]);
    }
    const report = a.products.insight.hotKeys.report(3, 20, performance.now());
    expect(report.keys.map(({ key }) => key)).toEqual([keys[3], keys[7], keys[9]]);
    expect(report.shareOfTop.percent1).toBeGreaterThan(0.3);
    const share = (top: string) => counted(a, 'cache_hot_keys_ratio', { category: 'product', top });
    expect(await share('1')).toBeGreaterThan(0.3);
    expect(await share('10')).toBeGreaterThan(await share('1'));
  });
});

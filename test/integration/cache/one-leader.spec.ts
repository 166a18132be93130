// Of all processes that miss a key one loads it; what happens when it does not live to the end of its load.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { cacheLimits } from '../../../src/cache/cache-policy.js';
import { keyspace } from '../../../src/platform/keyspace.js';
import { aKey, redisOf, useCacheRig, versionOf } from './cache-rig.js';

const rig = useCacheRig();

/** A load that stays away until it is let go. */
function holdOrigin() {
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const read = rig.origin.read.bind(rig.origin);
  rig.origin.read = async (keys) => {
    begun.resolve();
    await gate.promise;
    return read(keys);
  };
  return { begun: begun.promise, release: () => gate.resolve() };
}

describe('one leader across processes', () => {
  it('loads once for ten thousand readers in each of four processes', async () => {
    const processes = await Promise.all(Array.from({ length: 4 }, () => rig.startProcess()));
    const key = aKey();
    rig.origin.versions.set(key, 3);
    rig.origin.delayMs = () => 150;
    const reads = processes.flatMap((one) => Array.from({ length: 10_000 }, () => versionOf(one, key)));
    expect(new Set(await Promise.all(reads))).toEqual(new Set([3]));
    expect(rig.origin.loads).toBe(1);
  });

  it('loads each of many keys once, those led elsewhere included', async () => {
    const [a, b] = [await rig.startProcess(), await rig.startProcess()];
    const keys = Array.from({ length: 40 }, aKey);
    for (const key of keys) rig.origin.versions.set(key, 1);
    rig.origin.delayMs = () => 30;
    const [first, second] = await Promise.all([
      a.products.getMany(keys.slice(0, 30)),
      b.products.getMany(keys.slice(10)),
    ]);
    expect([first.length, second.length]).toEqual([30, 30]);
    expect(rig.origin.batches.flat().toSorted()).toEqual(keys.toSorted());
  });

  it('keeps its lease while it loads, longer than a lease lasts', async () => {
    const [a, b] = [await rig.startProcess(), await rig.startProcess()];
    const key = aKey();
    rig.origin.versions.set(key, 1);
    rig.origin.delayMs = () => cacheLimits.leaseMs * 0.65;
    const [one, other] = await Promise.all([versionOf(a, key), sleep(20).then(() => versionOf(b, key))]);
    expect([one, other, rig.origin.loads]).toEqual([1, 1, 1]);
  });

  it('is followed by one of the others when it dies, and none of them fails', async () => {
    const [dying, ...others] = await Promise.all(Array.from({ length: 4 }, () => rig.startProcess()));
    const key = aKey();
    rig.origin.versions.set(key, 1);
    const held = holdOrigin();
    dying!.products.get(key).catch(() => undefined);
    await held.begun;
    const fence = keyspace.application.fence('product', key);
    const token = await redisOf(others[0]!).get(fence);
    // As if it were killed: from here on nobody extends its lease.
    dying!.layers.client('application').disconnect();
    const reads = others.flatMap((one) => Array.from({ length: 100 }, () => versionOf(one, key)));
    while ((await redisOf(others[0]!).get(fence)) === token) await sleep(20);
    held.release();
    expect(new Set(await Promise.all(reads))).toEqual(new Set([1]));
    // One load of the dying process, and at most one of each other; as a rule one in all.
    expect(rig.origin.loads).toBeLessThanOrEqual(1 + others.length);
  });

  it('gives the lease back when its load fails, so that another process tries at once', async () => {
    const [a, b] = [await rig.startProcess(), await rig.startProcess()];
    const key = aKey();
    rig.origin.versions.set(key, 1);
    const read = rig.origin.read.bind(rig.origin);
    let calls = 0;
    rig.origin.read = async (keys) => {
      await sleep(50);
      if (++calls === 1) throw new Error('the first query fails');
      return read(keys);
    };
    const startedAtMs = performance.now();
    const results = await Promise.allSettled([a.products.get(key), sleep(10).then(() => b.products.get(key))]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(performance.now() - startedAtMs).toBeLessThan(cacheLimits.leaseMs);
  });

  it('is made void by an invalidation: what it loaded is not stored, and the others do not get it', async () => {
    const [a, b] = [await rig.startProcess(), await rig.startProcess()];
    const key = aKey();
    rig.origin.versions.set(key, 1);
    rig.origin.delayMs = () => 60;
    const early = versionOf(a, key);
    await sleep(80); // version 1 has been read, and is on its way
    rig.origin.versions.set(key, 2);
    await b.products.invalidate([key]);
    const late = await Promise.all([versionOf(b, key), versionOf(b, key)]);
    expect(late).toEqual([2, 2]);
    expect(await early).toBe(1);
    await a.cache.settled();
    expect(await versionOf(await rig.startProcess(), key)).toBe(2);
  });
});

// Of all processes that miss a key one loads it; what happens when it does not live to the end of its load.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { cacheLimits } from '../../../src/cache/cache-policy.js';
import { keyspace } from '../../../src/platform/keyspace.js';
import { eventually } from '../../support/eventually.js';
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

/** So many loads have reached the origin: their leases are taken. */
const loadsBegun = (count: number) => eventually(() => expect(rig.origin.batches.length).toBeGreaterThanOrEqual(count));

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

  it.each(['after a read that missed', 'after a read that did not'])(
    'looks, leases and fills under fences: %s',
    async (when) => {
      const [a, b] = [await rig.startProcess(), await rig.startProcess()];
      const [met, filled, led, absent] = [aKey(), aKey(), aKey(), aKey()];
      const keys = [filled, led, absent];
      for (const key of [met, ...keys]) rig.origin.versions.set(key, 1);
      await b.products.getMany([met, filled]);
      await b.cache.settled();
      // What the last read of many met decides how the next one looks.
      await a.products.getMany(when.endsWith('missed') ? [aKey(), aKey()] : [met, filled]);
      a.products.drop([met, filled]);
      const before = rig.origin.batches.length;
      rig.origin.delayMs = () => 60;
      const leading = b.products.get(led);
      await loadsBegun(before + 1);
      const answers = await a.products.getMany(keys);
      expect(answers.map((answer) => answer.found && answer.document.value.version)).toEqual([1, 1, 1]);
      await leading;
      await a.cache.settled();
      expect(rig.origin.batches.slice(before).flat().toSorted()).toEqual([led, absent].toSorted());

      // An invalidation between the look and the fill: what was loaded before it is not stored.
      const late = [aKey(), aKey()];
      for (const key of late) rig.origin.versions.set(key, 1);
      const loads = rig.origin.batches.length;
      const reading = a.products.getMany(late);
      await loadsBegun(loads + 1);
      await rig.write(b, late[0] ?? '', 2);
      await reading;
      await a.cache.settled();
      expect(await redisOf(a).exists(keyspace.application.entry('product', late[0] ?? ''))).toBe(0);
      expect(await redisOf(a).exists(keyspace.application.entry('product', late[1] ?? ''))).toBe(1);
    },
  );

  it('keeps its lease while it loads, longer than a lease lasts', async () => {
    const [a, b] = [await rig.startProcess(), await rig.startProcess()];
    const key = aKey();
    rig.origin.versions.set(key, 1);
    rig.origin.delayMs = () => cacheLimits.leaseMs * 0.65;
    const [one, other] = await Promise.all([versionOf(a, key), loadsBegun(1).then(() => versionOf(b, key))]);
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
      const call = ++calls;
      await sleep(50);
      if (call === 1) throw new Error('the first query fails');
      return read(keys);
    };
    const begun = eventually(() => expect(calls).toBe(1));
    const startedAtMs = performance.now();
    const results = await Promise.allSettled([a.products.get(key), begun.then(() => b.products.get(key))]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(performance.now() - startedAtMs).toBeLessThan(cacheLimits.leaseMs);
  });

  it('is made void by an invalidation: what it loaded is not stored, and the others do not get it', async () => {
    const [a, b] = [await rig.startProcess(), await rig.startProcess()];
    const key = aKey();
    rig.origin.versions.set(key, 1);
    rig.origin.delayMs = () => 60;
    const early = versionOf(a, key);
    await eventually(() => expect(rig.origin.rowsRead).toBe(1)); // version 1 has been read, and is on its way
    rig.origin.versions.set(key, 2);
    await b.products.invalidate([key]);
    const late = await Promise.all([versionOf(b, key), versionOf(b, key)]);
    expect(late).toEqual([2, 2]);
    expect(await early).toBe(1);
    await a.cache.settled();
    expect(await versionOf(await rig.startProcess(), key)).toBe(2);
  });
});

// Many who ask for the same at once, and loads that do not end.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { cacheLimits } from '../../../src/cache/cache-policy.js';
import { aKey, useCacheRig, versionOf } from './cache-rig.js';

const rig = useCacheRig();

describe('coalescing', () => {
  it('loads once for a thousand readers', async () => {
    const a = await rig.startProcess();
    const key = aKey();
    rig.origin.versions.set(key, 7);
    const versions = await Promise.all(Array.from({ length: 1_000 }, () => versionOf(a, key)));
    expect(new Set(versions)).toEqual(new Set([7]));
    expect(rig.origin.loads).toBe(1);
  });

  it('loads all misses of many keys at once, and joins what is loading already', async () => {
    const a = await rig.startProcess();
    const keys = Array.from({ length: 10 }, aKey);
    for (const key of keys.slice(0, 9)) rig.origin.versions.set(key, 1);
    await a.products.get(keys[0]!);
    const alone = a.products.get(keys[1]!);
    await sleep(0);
    const answers = await a.products.getMany([...keys, keys[3]!]);
    await alone;
    expect(answers.map((answer) => (answer.found ? answer.document.value.id : undefined))).toEqual([
      ...keys.slice(0, 9),
      undefined,
      keys[3],
    ]);
    // In whatever order the two that run at once reach the origin.
    expect(rig.origin.batches).toHaveLength(3);
    expect(rig.origin.batches).toEqual(expect.arrayContaining([[keys[0]], [keys[1]], keys.slice(2)]));
    await a.cache.settled();
    const b = await rig.startProcess();
    await b.products.getMany(keys);
    expect(rig.origin.batches).toHaveLength(3);
  });

  it('loads single reads that miss together in batches, each answered with its own', async () => {
    const a = await rig.startProcess();
    const keys = Array.from({ length: 40 }, aKey);
    keys.forEach((key, i) => {
      rig.origin.versions.set(key, i + 1);
    });
    expect(await Promise.all(keys.map((key) => versionOf(a, key)))).toEqual(keys.map((_, i) => i + 1));
    expect(rig.origin.batches.map((batch) => batch.length).sort()).toEqual([16, 16, 8]);
    await a.cache.settled();
    const b = await rig.startProcess();
    expect(await versionOf(b, keys[39]!)).toBe(40);
    expect(rig.origin.batches).toHaveLength(3);
  });

  it('lets a key that cannot be loaded fail alone', async () => {
    const a = await rig.startProcess();
    const [bad, good] = [aKey(), aKey()];
    rig.origin.versions.set(good, 1);
    const read = rig.origin.read.bind(rig.origin);
    rig.origin.read = (keys) => (keys.includes(bad) ? Promise.reject(new Error('a bad row')) : read(keys));
    const [badRead, goodRead] = await Promise.allSettled([versionOf(a, bad), versionOf(a, good)]);
    expect(badRead).toMatchObject({ status: 'rejected', reason: { message: 'a bad row' } });
    expect(goodRead).toMatchObject({ status: 'fulfilled', value: 1 });
  });

  it('gives a load up at its deadline, frees the key, and does not keep what comes late', async () => {
    const a = await rig.startProcess({ product: { loadDeadlineMs: 50 } });
    const key = aKey();
    rig.origin.versions.set(key, 1);
    rig.origin.hanging = true;
    const waiting = [a.products.get(key), a.products.get(key)];
    const results = await Promise.allSettled(waiting);
    expect(results).toMatchObject([{ reason: { code: 'unavailable' } }, { reason: { code: 'unavailable' } }]);
    expect(rig.origin.loads).toBe(1);
    // The error is shared for a moment, then the key is free.
    await expect(a.products.get(key)).rejects.toMatchObject({ code: 'unavailable' });
    expect(rig.origin.loads).toBe(1);
    rig.origin.hanging = false;
    a.clock.aheadMs = cacheLimits.sharedErrorMs + 1;
    expect(await versionOf(a, key)).toBe(1);
  });
});

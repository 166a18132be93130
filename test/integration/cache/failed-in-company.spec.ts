// One key of a load cannot be made an entry of. What is loaded together with it is neither failed nor left without its fence.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { unchanged } from '../../../src/cache/loading/load-context.js';
import { keyspace } from '../../../src/platform/keyspace.js';
import { aKey, redisOf, useCacheRig, versionOf } from './cache-rig.js';

const rig = useCacheRig();
const product = { jitter: 0, earlyRefreshFactor: 0 };

describe('a loader of single keys, one of which has a value without tags', () => {
  it('the other key, made void while it is loaded, is not kept as it was before', async () => {
    const [bad, good] = [aKey(), aKey()];
    let version = 1;
    const a = await rig.startProcess({
      product,
      loading: {
        load: async (id) => {
          const item = { id, version };
          if (id === good) await sleep(100);
          return item;
        },
        tagsOf: ({ id }) => {
          if (id === bad) throw new Error('this value has no tags');
          return [];
        },
      },
    });
    // Heard from the beginning: it may fail before what follows has ended.
    const failed = expect(a.products.getMany([bad, good])).rejects.toThrow('this value has no tags');
    await sleep(30);
    version = 2;
    await a.products.invalidate([good]);
    await failed;
    await a.cache.settled();
    expect(await versionOf(a, good)).toBe(2);
  });
});

describe('what a loader calls unchanged', () => {
  it('is what it was given, though another copy of the load has gone meanwhile, and the lease is given back', async () => {
    const [one, other] = [aKey(), aKey()];
    let loadMs = 0;
    const a = await rig.startProcess({
      product,
      loading: {
        load: async () => undefined,
        loadMany: async (keys, { previous }) => {
          const known = keys.map((key) => previous(key));
          await sleep(loadMs);
          return new Map(keys.map((id, i) => [id, known[i] ? unchanged : { id, version: 1 }]));
        },
        tagsOf: () => [],
      },
    });
    await a.products.getMany([one, other]);
    await a.cache.settled();
    loadMs = 100;
    const both = a.products.getMany([one, other], { refresh: true });
    await sleep(30);
    await a.products.invalidate([one]);
    expect((await both).map(({ found }) => found)).toEqual([true, true]);
    await a.cache.settled();
    expect(await redisOf(a).exists(keyspace.application.fence('product', other))).toBe(0);
  });

  it('is an answer when the only copy has been dropped meanwhile', async () => {
    const key = aKey();
    let loadMs = 0;
    const a = await rig.startProcess({
      product,
      loading: {
        load: async (id, { previous }) => {
          const known = previous(id);
          await sleep(loadMs);
          return known ? unchanged : { id, version: 1 };
        },
        tagsOf: ({ id }) => [`product:${id}`],
      },
    });
    await a.products.get(key);
    await a.cache.settled();
    loadMs = 100;
    const read = a.products.get(key, { refresh: true });
    await sleep(30);
    await a.cache.invalidate({ tags: [`product:${key}`] });
    expect(a.products.peek(key)).toBeUndefined(); // looked at, a void copy is dropped
    expect(await read).toMatchObject({ found: true });
  });
});

// What every combination of tiers must do, on one server and on a Redis Cluster.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { cacheLimits, cachePolicy } from '../../../src/cache/cache-policy.js';
import { keyspace } from '../../../src/platform/keyspace.js';
import { eventually } from '../../support/eventually.js';
import { startRedisCluster } from '../../support/redis-cluster.js';
import { startRedis } from '../../support/redis-servers.js';
import { aKey, CacheRig, Origin, type Process, versionOf } from './cache-rig.js';
import { aKeyBesideTheStream, useClusterRig } from './cluster-rig.js';

const kinds = {
  'one server': startRedis,
  'a Redis Cluster': startRedisCluster,
};
const everyTier = { memory: true, redis: true, serveStaleMs: 0, redisWriteShare: 1 };
const tiers = {
  'memory only': { ...everyTier, redis: false },
  'redis only': { ...everyTier, memory: false },
  'memory and redis': everyTier,
};

for (const [kind, startServer] of Object.entries(kinds)) {
  describe(`on ${kind}`, () => {
    let server: { readonly url: string; remove(): Promise<void> };
    let rig: CacheRig;
    beforeAll(async () => {
      server = await startServer();
    });
    afterEach(() => rig.stopProcesses());
    afterAll(() => server.remove());

    for (const [name, controls] of Object.entries(tiers)) {
      describe(`with ${name}`, () => {
        const start = async (): Promise<Process> => {
          const one = await rig.startProcess({ product: { jitter: 0, earlyRefreshFactor: 0 } });
          one.cache.control('product', controls);
          return one;
        };
        const open = () => {
          rig = new CacheRig(server.url);
          rig.origin = new Origin();
        };
        const versionsOf = async (one: Process, keys: readonly string[]) => {
          const answers = await one.products.getMany(keys);
          return answers.map((answer) => (answer.found ? answer.document.value.version : undefined));
        };

        it('answers from the nearest tier, once it is there, and knows that there is nothing', async () => {
          open();
          const a = await start();
          const [key, nothing] = [aKey(), aKey()];
          rig.origin.versions.set(key, 1);
          for (const one of [key, nothing]) {
            expect((await a.products.get(one)).tier).toBe('origin');
            await a.cache.settled();
            const again = await a.products.get(one);
            expect(again).toMatchObject({
              found: one === key,
              tier: controls.memory ? 'memory' : 'redis',
              stale: false,
            });
          }
          expect(rig.origin.loads).toBe(2);
        });

        it('reads many at once, over all slots, and loads all that are missing in one call', async () => {
          open();
          const a = await start();
          const keys = Array.from({ length: 200 }, aKey);
          for (const key of keys) rig.origin.versions.set(key, 1);
          await a.products.getMany(keys.slice(0, 100));
          await a.cache.settled();
          rig.origin.batches = [];
          expect(await versionsOf(a, keys)).toEqual(keys.map(() => 1));
          expect(rig.origin.batches).toEqual([keys.slice(100)]);
          await a.cache.settled();
          expect(await versionsOf(a, keys)).toEqual(keys.map(() => 1));
          expect(rig.origin.loads).toBe(2);
        });

        it('gives nothing that was made void by key, tag, category or as everything, in any process', async () => {
          open();
          const [a, b] = [await start(), await start()];
          const keys = Array.from({ length: 20 }, aKey);
          let version = 0;
          const makeVoid = [
            () => a.products.invalidate(keys),
            () => a.cache.invalidate({ tags: keys.map((key) => `product:${key}`) }),
            () => a.cache.invalidate({ tags: ['products'] }),
            () => a.cache.invalidate({ category: 'product' }),
            () => a.cache.invalidate({ all: true }),
          ];
          for (const step of makeVoid) {
            version++;
            for (const key of keys) rig.origin.versions.set(key, version);
            await step();
            const now = keys.map(() => version);
            expect(await versionsOf(a, keys)).toEqual(now);
            await eventually(async () => expect(await versionsOf(b, keys)).toEqual(now));
          }
        });

        it('keeps no value that was read before it was made void', async () => {
          open();
          const a = await start();
          const key = aKey();
          rig.origin.versions.set(key, 1);
          rig.origin.delayMs = () => 40;
          const early = a.products.get(key);
          await eventually(() => expect(rig.origin.rowsRead).toBe(1));
          rig.origin.versions.set(key, 2);
          await a.products.invalidate([key]);
          await early;
          await a.cache.settled();
          expect(await a.products.get(key)).toMatchObject({ document: { value: { version: 2 } } });
          await a.cache.settled();
          expect(await versionsOf(await start(), [key])).toEqual([2]);
        });

        it('serves what is late while it is loaded anew, and when the origin is out', async () => {
          open();
          const a = await start();
          const key = aKey();
          rig.origin.versions.set(key, 1);
          await a.products.get(key);
          await a.cache.settled();
          rig.origin.versions.set(key, 2);
          a.clock.aheadMs =
            cachePolicy.product.memory.freshMs + (controls.redis ? cachePolicy.product.redis.freshMs : 0);
          await a.products.get(key);
          await a.cache.settled();
          expect(await a.products.get(key)).toMatchObject({ document: { value: { version: 2 } } });
          a.clock.aheadMs += cachePolicy.product.redis.freshMs + cachePolicy.product.staleMs + 60_000;
          rig.origin.failing = true;
          expect(await a.products.get(key)).toMatchObject({ stale: true, document: { value: { version: 2 } } });
        });

        it('sets', async () => {
          open();
          const [a, b] = [await start(), await start()];
          const key = aKey();
          rig.origin.versions.set(key, 9);
          await a.products.set(key, { id: key, version: 5 });
          await a.cache.settled();
          expect(await versionsOf(a, [key])).toEqual([5]);
          if (controls.redis) expect(await versionsOf(b, [key])).toEqual([5]);
        });
      });
    }
  });
}

describe('a part of a Redis Cluster', () => {
  const clusterRig = useClusterRig();

  it('that is out does not keep an invalidation from the other processes, though the entry could not be deleted', async () => {
    const { cluster, rig } = clusterRig();
    const [a, b] = [await rig.startProcess(), await rig.startProcess()];
    const key = aKeyBesideTheStream();
    rig.origin.versions.set(key, 1);
    for (const one of [a, b]) expect(await versionOf(one, key)).toBe(1);
    await Promise.all([a.cache.settled(), b.cache.settled()]);
    await cluster.killMasterOf(keyspace.application.entry('product', key));
    rig.origin.versions.set(key, 2);
    await a.products.invalidate([key]);
    expect(a.cache.stats().pendingInvalidations).toBe(1);
    expect(await versionOf(a, key)).toBe(2);
    await sleep(cacheLimits.staleBoundMs);
    expect(await versionOf(b, key)).toBe(2);
    // The replica that takes over has the old entry: it is deleted before anybody reads it.
    await cluster.untilServed();
    await eventually(() => expect(a.cache.stats().pendingInvalidations).toBe(0));
    expect(await versionOf(await rig.startProcess(), key)).toBe(2);
  });
});

/** Which of three masters has the slot of a key at the start. */

// More invalidations than are kept while redis cannot be told: everything is made void instead.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { cacheLimits } from '../../../src/cache/cache-policy.js';
import { EVERYTHING, TagSpace } from '../../../src/cache/invalidation/tag-space.js';
import { keyspace } from '../../../src/platform/keyspace.js';
import { eventually } from '../../support/eventually.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { aKey, CacheRig, counted, type Process, redisOf, useCacheRig } from './cache-rig.js';

const rig = useCacheRig();
const KEYS = cacheLimits.maxPendingInvalidations + 200;

let proxy: TcpProxy;
/** What is cut off from redis while the others are not. */
let far: CacheRig;
beforeEach(async () => {
  proxy = await TcpProxy.start(rig.redis.url);
  far = new CacheRig(proxy.urlFor(rig.redis.url));
  far.origin = rig.origin;
});
afterEach(async () => {
  await far.stopProcesses();
  await proxy.stop();
});

async function readAll({ products }: Process, keys: readonly string[]): Promise<Set<number>> {
  const versions = new Set<number>();
  for (let from = 0; from < keys.length; from += cacheLimits.maxBatch) {
    const answers = await products.getMany(keys.slice(from, from + cacheLimits.maxBatch));
    for (const answer of answers) versions.add(answer.found ? answer.document.value.version : 0);
  }
  return versions;
}

/** @returns the versions that each process is given afterwards, of keys that all were written while one was cut off. */
async function overflow() {
  const [a, b] = [await far.startProcess(), await rig.startProcess()];
  const keys = Array.from({ length: KEYS }, aKey);
  for (const key of keys) rig.origin.versions.set(key, 1);
  for (const one of [a, b]) expect(await readAll(one, keys)).toEqual(new Set([1]));
  await Promise.all([a.cache.settled(), b.cache.settled()]);
  proxy.cut();
  for (const key of keys) rig.origin.versions.set(key, 2);
  for (const key of keys) await a.products.invalidate([key]);
  expect(await counted(a, 'cache_pending_invalidations')).toBeLessThanOrEqual(cacheLimits.maxPendingInvalidations + 1);
  const cutOff = await readAll(a, keys);
  proxy.restore();
  await eventually(() => {
    for (const { cache } of [a, b]) expect(cache.stats()).toMatchObject({ current: true, pendingInvalidations: 0 });
  });
  await sleep(cacheLimits.staleBoundMs);
  // The entries of the keys that were not kept are still there.
  const names = keys.map((key) => keyspace.application.entry('product', key));
  const left = await redisOf(b).exists(...names);
  const cold = await rig.startProcess();
  return {
    cutOff,
    left,
    writer: await readAll(a, keys),
    other: await readAll(b, keys),
    cold: await readAll(cold, keys),
  };
}

it('nothing that was written meanwhile is given as it was before', async () => {
  const { left, ...seen } = await overflow();
  expect(left).toBeGreaterThan(0);
  const now = new Set([2]);
  expect(seen).toEqual({ cutOff: now, writer: now, other: now, cold: now });
});

it('is caught by this test when it is not everything that is made void', async () => {
  const apply = TagSpace.prototype.apply;
  jest.spyOn(TagSpace.prototype, 'apply').mockImplementation(function some(this: TagSpace, tags, stamp) {
    return apply.call(
      this,
      tags.filter((tag) => tag !== EVERYTHING),
      stamp,
    );
  });
  expect((await overflow()).other.has(1)).toBe(true);
});

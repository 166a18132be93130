// A refresh that is asked for while the same key is being loaded.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { keyspace } from '../../../src/platform/keyspace.js';
import { aKey, redisOf, useCacheRig, versionOf } from './cache-rig.js';

const rig = useCacheRig();

it('is kept in every tier, also when the load before it ends first', async () => {
  const a = await rig.startProcess();
  const key = aKey();
  rig.origin.versions.set(key, 1);
  rig.origin.delayMs = () => 50;
  const load = a.products.get(key);
  await sleep(20);
  rig.origin.delayMs = () => 100;
  expect(await a.products.get(key, { refresh: true })).toMatchObject({ tier: 'origin' });
  await load;
  await a.cache.settled();
  expect(await redisOf(a).exists(keyspace.application.entry('product', key))).toBe(1);
});

it('does not leave what was there before it in redis', async () => {
  const [a, b] = [await rig.startProcess({ product: { jitter: 0, earlyRefreshFactor: 0 } }), await rig.startProcess()];
  const key = aKey();
  rig.origin.versions.set(key, 1);
  await a.products.get(key);
  await a.cache.settled();
  rig.origin.delayMs = () => 50;
  const first = a.products.get(key, { refresh: true }); // two warm-ups, or a warm-up and an operator
  await sleep(20);
  rig.origin.versions.set(key, 2); // a change that no invalidation reports: that is what a refresh is for
  rig.origin.delayMs = () => 100;
  const second = await a.products.get(key, { refresh: true });
  expect(second.found && second.document.value.version).toBe(2);
  await first;
  await a.cache.settled();
  expect(await versionOf(b, key)).toBe(2);
});

// An import goes on while redis is out: what is remembered of its invalidations is bounded.
import { expect, it, jest } from '@jest/globals';
import { cacheLimits } from '../../../src/cache/cache-policy.js';
import { TagSpace } from '../../../src/cache/invalidation/tag-space.js';
import { useCacheRig } from './cache-rig.js';

const rig = useCacheRig();

it('stamps made here are no more than redis would keep', async () => {
  const a = await rig.startProcess();
  await rig.redis.kill9();
  const applied = jest.spyOn(TagSpace.prototype, 'applyLocally');
  for (let i = 0; i < 1_500; i++) {
    await a.cache.invalidate({ tags: Array.from({ length: 300 }, (_, n) => `product:${i}.${n}`) });
  }
  expect(a.cache.stats().pendingInvalidations).toBeLessThanOrEqual(cacheLimits.maxPendingInvalidations);
  const [space] = applied.mock.contexts;
  if (!(space instanceof TagSpace)) throw new Error('nothing was stamped here');
  await rig.redis.start();
  expect(space.size).toBeLessThanOrEqual(cacheLimits.maxTagMarkers);
}, 60_000);

it('what is asked for again and again, as the outbox does, is one invalidation and not everything', async () => {
  const a = await rig.startProcess();
  await rig.redis.kill9();
  for (let i = 0; i < cacheLimits.maxPendingInvalidations + 10; i++) await a.cache.invalidate({ tags: ['product:1'] });
  const { pendingInvalidations } = a.cache.stats();
  await rig.redis.start();
  expect(pendingInvalidations).toBe(1);
}, 60_000);

// Numbers that callers and loaders give.
import { expect, it } from '@jest/globals';
import { cacheLimits } from '../../../src/cache/cache-policy.js';
import { keyspace } from '../../../src/platform/keyspace.js';
import { aKey, redisOf, useCacheRig } from './cache-rig.js';

const rig = useCacheRig();

it.each([Number.POSITIVE_INFINITY, 2 ** 31])('a deadline of %p ms is not over at once', async (deadlineMs) => {
  const a = await rig.startProcess();
  const key = aKey();
  rig.origin.versions.set(key, 1);
  rig.origin.delayMs = () => 50;
  expect(await a.products.get(key, { deadlineMs })).toMatchObject({ found: true });
});

it('a key that is too long is refused by every kind of read', async () => {
  const a = await rig.startProcess();
  const key = 'x'.repeat(cacheLimits.maxKeyLength + 1);
  await expect(a.products.get(key)).rejects.toThrow(RangeError);
  await expect(a.products.getMany([key])).rejects.toThrow(RangeError);
});

it('a value that is fresh for longer than redis can say is kept as long as there is, and so are its neighbours', async () => {
  const [odd, other] = [aKey(), aKey()];
  const a = await rig.startProcess({
    loading: {
      load: async () => undefined,
      loadMany: async (keys, { freshFor }) => {
        freshFor(odd, 1e300);
        return new Map(keys.map((id) => [id, { id, version: 1 }]));
      },
      tagsOf: () => [],
    },
  });
  await a.products.getMany([odd, other]);
  await a.cache.settled();
  const names = [odd, other].map((key) => keyspace.application.entry('product', key));
  expect(await redisOf(a).exists(...names)).toBe(2);
});

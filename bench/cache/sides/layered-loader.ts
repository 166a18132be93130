// https://github.com/kibertoad/layered-loader, set up as in its own benchmark: a loader over an LRU and a Redis cache.
import { Redis } from 'ioredis';
import { Loader, RedisCache } from 'layered-loader';
import { type Item, mostItems } from '../items.ts';
import type { MakeSide } from '../side.ts';

const ttlInMsecs = 3_600_000;

export const makeLayeredLoader: MakeSide = async ({ redisUrl, memory }, origin) => {
  const redis = new Redis(redisUrl, { enableAutoPipelining: true });
  const loader = new Loader<Item>({
    ...(memory && { inMemoryCache: { ttlInMsecs, maxItems: mostItems } }),
    asyncCache: new RedisCache<Item>(redis, { json: true, ttlInMsecs, prefix: 'layered' }),
    cacheKeyFromValueResolver: ({ id }) => id,
    dataSources: [
      { name: 'origin', get: (key: string) => origin.load(key), getMany: (keys: string[]) => origin.loadMany(keys) },
    ],
  });
  return {
    get: async (key) => (await loader.get(key)) as Item,
    ...(memory && { peek: (key: string) => loader.getInMemoryOnly(key) ?? undefined }),
    getMany: (keys) => loader.getMany([...keys]),
  };
};

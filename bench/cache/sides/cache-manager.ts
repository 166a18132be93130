// https://www.npmjs.com/package/cache-manager: Keyv in memory before Keyv over Redis.
import KeyvRedis from '@keyv/redis';
import { createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import type { MakeSide } from '../side.ts';

const ttl = 3_600_000;

export const makeCacheManager: MakeSide = async ({ redisUrl, keeping, memory }, origin) => {
  const redis = new Keyv({ store: new KeyvRedis(redisUrl), namespace: 'cache-manager' });
  const near = new Keyv();
  if (keeping === 'by reference') {
    near.serialize = undefined;
    near.deserialize = undefined;
  }
  const cache = createCache({ ttl, stores: memory ? [near, redis] : [redis] });
  const get = (key: string) => cache.wrap(key, () => origin.load(key));
  return { get, getMany: (keys) => Promise.all(keys.map(get)) };
};

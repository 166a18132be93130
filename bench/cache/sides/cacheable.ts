// https://cacheable.org: its own memory before Redis by Keyv.
import KeyvRedis from '@keyv/redis';
import { Cacheable } from 'cacheable';
import type { Item } from '../items.ts';
import type { MakeSide } from '../side.ts';

export const makeCacheable: MakeSide = async ({ redisUrl, memory }, origin) => {
  const redis = new KeyvRedis(redisUrl, { namespace: 'cacheable' });
  const cache = new Cacheable(memory ? { secondary: redis, ttl: '1h' } : { primary: redis, ttl: '1h' });
  const get = (key: string) => cache.getOrSet<Item>(key, () => origin.load(key)) as Promise<Item>;
  return { get, getMany: (keys) => Promise.all(keys.map(get)) };
};

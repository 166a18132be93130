// The least that any cache is made of: a bare lru-cache, and one GET with JSON.parse.
import { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import { type Item, mostItems } from '../items.ts';
import type { MakeSide } from '../side.ts';

export const makeBare: MakeSide = async ({ redisUrl, keeping, memory }, origin) => {
  const redis = new Redis(redisUrl, { enableAutoPipelining: true });
  const items = new LRUCache<string, Item | string>({ max: mostItems });
  const read = (kept: Item | string): Item => (typeof kept === 'string' ? JSON.parse(kept) : kept);
  const peek = (key: string) => {
    const kept = items.get(key);
    return kept === undefined ? undefined : read(kept);
  };
  const get = async (key: string): Promise<Item> => {
    const near = memory ? peek(key) : undefined;
    if (near) return near;
    const text = await redis.get(`bare:${key}`);
    const item: Item = text ? JSON.parse(text) : await origin.load(key);
    if (memory) items.set(key, keeping === 'serialized' ? JSON.stringify(item) : item);
    if (!text) await redis.set(`bare:${key}`, JSON.stringify(item));
    return item;
  };
  return {
    get,
    peek,
    getBytes: async (key) => (await redis.getBuffer(`bare:${key}`)) ?? Buffer.alloc(0),
    getMany: (keys) => Promise.all(keys.map(get)),
  };
};

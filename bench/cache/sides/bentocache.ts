// https://bentocache.dev: its memory driver before its Redis driver. Each process has its own prefix: what BentoCache finds
// in Redis it cannot put into a memory that does not serialize.
import { randomUUID } from 'node:crypto';
import { BentoCache, bentostore } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import { redisDriver } from 'bentocache/drivers/redis';
import { Redis } from 'ioredis';
import { mostItems, tagsOf } from '../items.ts';
import type { MakeSide } from '../side.ts';

export const makeBentocache: MakeSide = async ({ redisUrl, keeping, tags, memory }, origin) => {
  const connection = new Redis(redisUrl, { enableAutoPipelining: true });
  const first = memory
    ? bentostore().useL1Layer(
        memoryDriver(keeping === 'serialized' ? { maxItems: mostItems } : { maxItems: mostItems, serialize: false }),
      )
    : bentostore();
  const store = first.useL2Layer(redisDriver({ connection }));
  const bento = new BentoCache({ default: 'items', prefix: randomUUID(), ttl: '1h', stores: { items: store } });
  const get = (key: string) => bento.getOrSet({ key, factory: () => origin.load(key), tags: tagsOf(key, tags) });
  return { get, getMany: (keys) => Promise.all(keys.map(get)) };
};

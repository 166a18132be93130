import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { eventually } from './eventually.js';
import type { Shop } from './shop.js';
import type { Loose } from './shopper.js';

/** Layers that keep an append-only file. */
export type DurableLayer = 'operational' | 'session';
export type KeptKeys = readonly { readonly key: string; readonly dump: Buffer; readonly ttl: number }[];

async function on<T>(shop: Shop, layer: DurableLayer, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(shop.redis[layer].port);
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

/** Everything that a layer has now, for `rollBack`. */
export function keepKeys(shop: Shop, layer: DurableLayer): Promise<KeptKeys> {
  return on(shop, layer, async (redis) => {
    const kept: KeptKeys[number][] = [];
    for (const key of await redis.keys('*')) {
      const dump = await redis.dumpBuffer(key);
      if (dump) kept.push({ key, dump, ttl: Math.max(0, await redis.pttl(key)) });
    }
    return kept;
  });
}

/** kill -9 of a layer's server, and a start from what was on disk some time before. */
export async function rollBack(shop: Shop, layer: DurableLayer, kept: KeptKeys): Promise<void> {
  await on(shop, layer, async (redis) => {
    const restore = redis.multi().flushall();
    for (const { key, dump, ttl } of kept) restore.restore(key, ttl, dump, 'REPLACE');
    await restore.exec();
  });
  await shop.redis[layer].kill9();
  await shop.redis[layer].start();
  await eventually(async () => {
    const ready = await shop.http.get<Loose>('/health/ready');
    if (ready.body.status !== 'ok') throw new Error(`not ready: ${JSON.stringify(ready.body)}`);
  }, 15_000);
  await sleep(300);
}

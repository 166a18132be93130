// The compiled application's own cache, with the policy of its products.
import { join } from 'node:path';
import { pino } from 'pino';
import { z } from 'zod';
import { type Item, mostItems, tagsOf } from '../items.ts';
import type { MakeSide } from '../side.ts';

const dist = join(import.meta.dirname, '..', '..', '..', 'dist');
const { TieredCache } = (await import(
  join(dist, 'cache', 'tiered-cache.js')
)) as typeof import('../../../src/cache/tiered-cache.ts');
const { cachePolicy } = (await import(
  join(dist, 'cache', 'cache-policy.js')
)) as typeof import('../../../src/cache/cache-policy.ts');
const { RedisLayers } = (await import(
  join(dist, 'platform', 'redis', 'redis-layers.js')
)) as typeof import('../../../src/platform/redis/redis-layers.ts');
const { SystemClock, TurnClock } = (await import(
  join(dist, 'platform', 'clock.js')
)) as typeof import('../../../src/platform/clock.ts');
const { Metrics } = (await import(
  join(dist, 'platform', 'metrics.js')
)) as typeof import('../../../src/platform/metrics.ts');

const codec: z.ZodType<Item> = z.object({
  id: z.string(),
  title: z.string(),
  description: z.string(),
  variants: z.array(z.object({ sku: z.string(), priceMinor: z.int(), available: z.boolean() })),
});

export const makeTiershop: MakeSide = async ({ redisUrl, keeping, tags, memory }, origin) => {
  const logger = pino({ level: 'silent' });
  const redisUrls = { operational: redisUrl, application: redisUrl, session: redisUrl };
  const layers = new RedisLayers({ redisUrls, REDIS_COMMAND_TIMEOUT_MS: 1_000 }, logger);
  await layers.waitUntilUp(5_000);
  const policy = {
    ...cachePolicy.product,
    memory: {
      ...cachePolicy.product.memory,
      keepsValue: keeping === 'by reference',
      maxEntries: mostItems,
      maxBytes: memory ? mostItems * 10_000 : 1,
    },
  };
  const cache = new TieredCache(layers, new TurnClock(new SystemClock()), new Metrics(), logger, {
    originConcurrency: 16,
    policies: { product: policy },
  });
  const items = cache.register<Item>('product', {
    codec,
    load: (key) => origin.load(key),
    loadMany: async (keys) => new Map((await origin.loadMany(keys)).map((item) => [item.id, item])),
    tagsOf: ({ id }) => tagsOf(id, tags),
  });
  await cache.start();
  const found = async (key: string) => {
    const answer = items.peek(key) ?? (await items.get(key));
    if (!answer.found) throw new Error(`There is no ${key}.`);
    return answer.document;
  };
  return {
    get: async (key) => {
      const answer = await items.get(key);
      if (!answer.found) throw new Error(`There is no ${key}.`);
      return answer.document.value;
    },
    peek: (key) => {
      const answer = items.peek(key);
      return answer?.found ? answer.document.value : undefined;
    },
    getBytes: async (key) => (await found(key)).bytes,
    getMany: async (keys) => {
      const answers = await items.getMany(keys);
      for (const answer of answers) if (answer.found) void answer.document.value;
    },
    settle: () => cache.settled(),
  };
};

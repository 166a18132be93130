// The cache as the compiled application makes it, of one category. Types come from the sources.
import { pino } from 'pino';
import { z } from 'zod';
import type { MutantName } from './mutants.ts';
import { mutants } from './mutants.ts';
import { type Item, OriginOfProcess } from './origin.ts';

const from = (module: string) => import(new URL(`../../../dist/${module}.js`, import.meta.url).href);
const { TieredCache } = (await from('cache/tiered-cache')) as typeof import('../../../src/cache/tiered-cache.ts');
const { cachePolicy } = (await from('cache/cache-policy')) as typeof import('../../../src/cache/cache-policy.ts');
const { RedisLayers } = (await from(
  'platform/redis/redis-layers',
)) as typeof import('../../../src/platform/redis/redis-layers.ts');
const { SystemClock, TurnClock } = (await from('platform/clock')) as typeof import('../../../src/platform/clock.ts');
const { Metrics } = (await from('platform/metrics')) as typeof import('../../../src/platform/metrics.ts');

/** What a process is told at its start. */
export interface Setup {
  readonly name: string;
  readonly redisUrl: string;
  readonly databaseUrl: string;
  readonly originConcurrency: number;
  /** Times and sizes other than those of products (ms). */
  readonly policy?: { readonly memoryFreshMs: number; readonly redisFreshMs: number; readonly maxEntries: number };
  readonly mutant?: MutantName | undefined;
}

export async function openCache({ name, redisUrl, databaseUrl, originConcurrency, policy, mutant }: Setup) {
  if (mutant) await mutants[mutant](from);
  const logger = pino({ level: 'silent' });
  const redisUrls = { operational: redisUrl, application: redisUrl, session: redisUrl };
  const layers = new RedisLayers({ redisUrls, REDIS_COMMAND_TIMEOUT_MS: 1_000 }, logger);
  await layers.waitUntilUp(5_000);
  const { product } = cachePolicy;
  const cache = new TieredCache(layers, new TurnClock(new SystemClock()), new Metrics(), logger, {
    originConcurrency,
    policies: {
      product: {
        ...product,
        ...(policy && {
          memory: { ...product.memory, freshMs: policy.memoryFreshMs, maxEntries: policy.maxEntries },
          redis: { freshMs: policy.redisFreshMs },
        }),
      },
    },
  });
  const origin = new OriginOfProcess(databaseUrl, name, 3 * originConcurrency);
  const items = cache.register<Item>('product', {
    codec: z.object({ id: z.string(), version: z.number() }),
    load: async (id) => (await origin.read([id])).get(id),
    loadMany: (ids) => origin.read(ids),
    tagsOf: ({ id }) => [`product:${id}`],
  });
  await cache.start();
  return { cache, items, origin };
}

export type OpenCache = Awaited<ReturnType<typeof openCache>>;

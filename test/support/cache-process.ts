import { pino } from 'pino';
import { z } from 'zod';
import { type CategoryPolicy, cachePolicy } from '../../src/cache/cache-policy.js';
import type { Category } from '../../src/cache/category.js';
import { TieredCache } from '../../src/cache/tiered-cache.js';
import { Clock } from '../../src/platform/clock.js';
import { Database } from '../../src/platform/database/database.js';
import { Metrics } from '../../src/platform/metrics.js';
import { RedisLayers } from '../../src/platform/redis/redis-layers.js';
import type { TestRedis } from './redis-servers.js';
import type { TestDatabase } from './test-database.js';

export const logger = pino({ level: process.env.CACHE_TEST_LOG ?? 'silent' });

const itemCodec = z.object({ id: z.string(), version: z.number() });
export type Item = z.infer<typeof itemCodec>;

/** The truth: versions by key. */
export class TestOrigin {
  readonly versions = new Map<string, number>();
  readonly loaded: string[] = [];
  batches = 0;
  /** Called before each load. */
  onLoad: () => Promise<void> | void = () => {};

  async load(keys: readonly string[]): Promise<Map<string, Item>> {
    this.batches++;
    this.loaded.push(...keys);
    await this.onLoad();
    const found = new Map<string, Item>();
    for (const id of keys) {
      const version = this.versions.get(id);
      if (version !== undefined) found.set(id, { id, version });
    }
    return found;
  }
}

export class MovableClock extends Clock {
  aheadMs = 0;
  nowMs(): number {
    return Date.now() + this.aheadMs;
  }
}

/** A cache with connections of its own, as another process would have it. Its category `product` reads the origin. */
export interface CacheProcess {
  readonly cache: TieredCache;
  readonly products: Category<Item>;
  readonly layers: RedisLayers;
  readonly database: Database;
  readonly metrics: Metrics;
  readonly clock: MovableClock;
  /** Its connections break, and nothing is given back. */
  die(): Promise<void>;
  stop(): Promise<void>;
}

export async function startCacheProcess(
  servers: { readonly redis: TestRedis; readonly database: TestDatabase },
  origin: TestOrigin,
  policy: Partial<CategoryPolicy> = {},
): Promise<CacheProcess> {
  const { url } = servers.redis;
  const layers = new RedisLayers(
    { redisUrls: { operational: url, application: url, session: url }, REDIS_COMMAND_TIMEOUT_MS: 500 },
    logger,
  );
  await layers.waitUntilUp(1_000);
  const database = new Database(
    { DATABASE_URL: servers.database.url, DATABASE_POOL_MAX: 4, DATABASE_STATEMENT_TIMEOUT_MS: 5_000 },
    logger,
  );
  const metrics = new Metrics();
  const clock = new MovableClock();
  const cache = new TieredCache(layers, clock, metrics, logger, {
    originConcurrency: 8,
    policies: { product: { ...cachePolicy.product, ...policy } },
  });
  const products = cache.register<Item>('product', {
    codec: itemCodec,
    load: async (key) => (await origin.load([key])).get(key),
    loadMany: (keys) => origin.load(keys),
    tagsOf: (item) => [`product:${item.id}`],
    tagsOfMissing: (key) => [`product:${key}`],
  });
  await cache.start();
  let closed: Promise<void> | undefined;
  const close = async () => {
    await layers.close();
    await database.close();
  };
  return {
    cache,
    products,
    layers,
    database,
    metrics,
    clock,
    async die() {
      closed ??= close();
      await closed;
    },
    async stop() {
      if (!closed) await cache.stop();
      closed ??= close();
      await closed;
    },
  };
}

// The tiered cache over a real Redis: several instances, each with its own connections, stand for several processes.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, jest } from '@jest/globals';
import { pino } from 'pino';
import { z } from 'zod';
import { type CategoryPolicy, cachePolicy } from '../../../src/cache/cache-policy.js';
import type { Category } from '../../../src/cache/category.js';
import type { CategoryDefinition } from '../../../src/cache/category-definition.js';
import { TieredCache, type TieredCacheOptions } from '../../../src/cache/tiered-cache.js';
import { Clock } from '../../../src/platform/clock.js';
import { Metrics } from '../../../src/platform/metrics.js';
import { type RedisClient, RedisLayers } from '../../../src/platform/redis/redis-layers.js';
import { startRedis, type TestRedis } from '../../support/redis-servers.js';

export const logger = pino({ level: process.env.CACHE_TEST_LOG ?? 'silent' });

export const itemCodec = z.object({ id: z.string(), version: z.number() });
export type Item = z.infer<typeof itemCodec>;

/** The truth: versions by key, read with a delay as a database would. */
export class Origin {
  readonly versions = new Map<string, number>();
  loads = 0;
  batches: string[][] = [];
  /** How many loads have read their rows: their answers are on their way, or have arrived. */
  rowsRead = 0;
  delayMs = () => 1;
  failing = false;
  hanging = false;

  async read(keys: readonly string[]): Promise<Map<string, Item>> {
    this.loads++;
    this.batches.push([...keys]);
    if (this.hanging) await new Promise(() => {});
    if (this.failing) throw new Error('the origin is out');
    // The rows are read at some moment of the query, and the answer arrives later.
    await sleep(this.delayMs());
    const found = new Map<string, Item>();
    for (const id of keys) {
      const version = this.versions.get(id);
      if (version !== undefined) found.set(id, { id, version });
    }
    this.rowsRead++;
    await sleep(this.delayMs());
    return found;
  }
}

export class MovableClock extends Clock {
  aheadMs = 0;
  nowMs(): number {
    return Date.now() + this.aheadMs;
  }
}

/** One instance of the cache with all that a process has. */
export interface Process {
  readonly cache: TieredCache;
  readonly products: Category<Item>;
  readonly layers: RedisLayers;
  readonly metrics: Metrics;
  readonly clock: MovableClock;
}

export type ProcessOptions = Partial<TieredCacheOptions> & {
  readonly product?: Partial<CategoryPolicy>;
  /** How its products are loaded, instead of from the rig's origin. */
  readonly loading?: Omit<CategoryDefinition<Item>, 'codec'>;
  /** Connections that are there already. */
  readonly layers?: RedisLayers;
};

/** One Redis for a spec file; a new origin for each test, and no process outlives its test. */
export class CacheRig {
  origin = new Origin();
  readonly processes: Process[] = [];
  private server: TestRedis | undefined;

  /** @param url of a Redis that is started and stopped by somebody else */
  constructor(private readonly url?: string) {}

  get redis(): TestRedis {
    if (!this.server) throw new Error('redis is started before the first test');
    return this.server;
  }

  async open(): Promise<void> {
    this.server = await startRedis();
  }

  /** Connections as another program has them. */
  connect(): RedisLayers {
    const url = this.url ?? this.redis.url;
    const redisUrls = { operational: url, application: url, session: url };
    return new RedisLayers({ redisUrls, REDIS_COMMAND_TIMEOUT_MS: 1_000 }, logger);
  }

  async startProcess(given: ProcessOptions = {}): Promise<Process> {
    const { product, layers = this.connect(), loading = this.loading, ...options } = given;
    await layers.waitUntilUp(500);
    const metrics = new Metrics();
    const clock = new MovableClock();
    const cache = new TieredCache(layers, clock, metrics, logger, {
      originConcurrency: 8,
      policies: { product: { ...cachePolicy.product, ...product } },
      ...options,
    });
    const products = cache.register<Item>('product', { codec: itemCodec, ...loading });
    await cache.start();
    const started = { cache, products, layers, metrics, clock };
    this.processes.push(started);
    return started;
  }

  private readonly loading: Omit<CategoryDefinition<Item>, 'codec'> = {
    load: async (key) => (await this.origin.read([key])).get(key),
    loadMany: (keys) => this.origin.read(keys),
    tagsOf: (item) => [`product:${item.id}`, 'products'],
    tagsOfMissing: (key) => [`product:${key}`],
  };

  /** Commits, and makes void as a service does. */
  async write({ products }: Process, key: string, version: number): Promise<void> {
    this.origin.versions.set(key, version);
    await products.invalidate([key]);
  }

  async stopProcesses(): Promise<void> {
    await Promise.all(
      this.processes.splice(0).map(async ({ cache, layers }) => {
        await cache.stop();
        await layers.close();
      }),
    );
  }
}

/** The rig of a spec file, opened before its tests and removed after them. */
export function useCacheRig(): CacheRig {
  const rig = new CacheRig();
  beforeAll(() => rig.open());
  beforeEach(() => {
    rig.origin = new Origin();
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await rig.stopProcesses();
  });
  afterAll(() => rig.redis.remove());
  return rig;
}

export const redisOf = ({ layers }: Process): RedisClient => layers.client('application');

export async function versionOf({ products }: Process, key: string): Promise<number | undefined> {
  const answer = await products.get(key);
  return answer.found ? answer.document.value.version : undefined;
}

let names = 0;

/** A name that no other test of the file uses: the server is the same for all. */
export const aKey = (): string => `k${++names}`;

export async function counted(
  { metrics }: Process,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> {
  const metric = await metrics.registry.getSingleMetric(name)?.get();
  const rows = metric?.values.filter((row) => Object.entries(labels).every(([k, v]) => row.labels[k] === v)) ?? [];
  return rows.reduce((sum, row) => sum + row.value, 0);
}

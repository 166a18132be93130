// The tiered cache over a real Redis: several instances, each with its own connections, stand for several processes.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import { z } from 'zod';
import { type CategoryPolicy, cacheLimits, cachePolicy } from '../../src/cache/cache-policy.js';
import type { Category } from '../../src/cache/category.js';
import { Flights } from '../../src/cache/loading/flights.js';
import { LeaderLock } from '../../src/cache/locks/leader-lock.js';
import { TieredCache, type TieredCacheOptions } from '../../src/cache/tiered-cache.js';
import { encodeEnvelope } from '../../src/cache/tiers/envelope.js';
import { RedisTier } from '../../src/cache/tiers/redis-tier.js';
import { Clock } from '../../src/platform/clock.js';
import { keyspace } from '../../src/platform/keyspace.js';
import { Metrics } from '../../src/platform/metrics.js';
import { RedisLayers } from '../../src/platform/redis/redis-layers.js';
import { eventually } from '../support/eventually.js';
import { createRandom } from '../support/random.js';
import { startRedis, type TestRedis } from '../support/redis-servers.js';

const logger = pino({ level: process.env.CACHE_TEST_LOG ?? 'silent' });
const itemCodec = z.object({ id: z.string(), version: z.number() });
type Item = z.infer<typeof itemCodec>;

/** The truth: versions by key, read with a delay as a database would. */
class Origin {
  readonly versions = new Map<string, number>();
  loads = 0;
  batches: string[][] = [];
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
    await sleep(this.delayMs());
    return found;
  }
}

class MovableClock extends Clock {
  aheadMs = 0;
  nowMs(): number {
    return Date.now() + this.aheadMs;
  }
}

interface Process {
  readonly cache: TieredCache;
  readonly products: Category<Item>;
  readonly layers: RedisLayers;
  readonly metrics: Metrics;
  readonly clock: MovableClock;
}

let redis: TestRedis;
let origin: Origin;
const processes: Process[] = [];

function connect(): RedisLayers {
  const urls = { operational: redis.url, application: redis.url, session: redis.url };
  return new RedisLayers({ redisUrls: urls, REDIS_COMMAND_TIMEOUT_MS: 1_000 }, logger);
}

async function startProcess(
  options: Partial<TieredCacheOptions> & { product?: Partial<CategoryPolicy> } = {},
): Promise<Process> {
  const layers = connect();
  await layers.waitUntilUp(500);
  const metrics = new Metrics();
  const clock = new MovableClock();
  const { product, ...rest } = options;
  const cache = new TieredCache(layers, clock, metrics, logger, {
    originConcurrency: 8,
    policies: { product: { ...cachePolicy.product, ...product } },
    ...rest,
  });
  const products = cache.register<Item>('product', {
    codec: itemCodec,
    load: async (key) => (await origin.read([key])).get(key),
    loadMany: (keys) => origin.read(keys),
    tagsOf: (item) => [`product:${item.id}`, 'products'],
    tagsOfMissing: (key) => [`product:${key}`],
  });
  await cache.start();
  const started = { cache, products, layers, metrics, clock };
  processes.push(started);
  return started;
}

async function stopProcess({ cache, layers }: Process): Promise<void> {
  await cache.stop();
  await layers.close();
}

const redisOf = ({ layers }: Process) => layers.client('application');

/** Commits, and makes void as a service does. */
async function write({ products }: Process, key: string, version: number): Promise<void> {
  origin.versions.set(key, version);
  await products.invalidate([key]);
}

async function versionOf({ products }: Process, key: string): Promise<number | undefined> {
  const answer = await products.get(key);
  return answer.found ? answer.document.value.version : undefined;
}

/** A name that no other test uses: the server is the same for all. */
let names = 0;
const aKey = () => `k${++names}`;

async function counted({ metrics }: Process, name: string, labels: Record<string, string> = {}): Promise<number> {
  const metric = await metrics.registry.getSingleMetric(name)?.get();
  const rows = metric?.values.filter((row) => Object.entries(labels).every(([k, v]) => row.labels[k] === v)) ?? [];
  return rows.reduce((sum, row) => sum + row.value, 0);
}

beforeAll(async () => {
  redis = await startRedis();
});
beforeEach(() => {
  origin = new Origin();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all(processes.splice(0).map(stopProcess));
});
afterAll(() => redis.remove());

describe('reading through the tiers', () => {
  it('goes from the origin to redis to memory, with the same bytes and tag everywhere', async () => {
    const [a, b] = [await startProcess(), await startProcess()];
    const key = aKey();
    origin.versions.set(key, 1);
    const first = await a.products.get(key);
    expect(first).toMatchObject({ found: true, tier: 'origin', stale: false });
    await a.cache.settled();
    expect(await a.products.get(key)).toMatchObject({ tier: 'memory', stale: false });
    expect(await b.products.get(key)).toMatchObject({ tier: 'redis', stale: false });
    const hit = b.products.peek(key);
    if (!hit?.found || !first.found) throw new Error('not found');
    expect(hit.tier).toBe('memory');
    expect(hit.document.etag).toBe(first.document.etag);
    expect(hit.document.bytes).toEqual(Buffer.from(`{"id":"${key}","version":1}`));
    expect(Object.isFrozen(hit.document.value)).toBe(true);
    expect(origin.loads).toBe(1);
    expect(await counted(b, 'cache_requests_total', { category: 'product', tier: 'redis', outcome: 'hit' })).toBe(1);
  });

  it('loads once for a thousand readers', async () => {
    const a = await startProcess();
    const key = aKey();
    origin.versions.set(key, 7);
    const versions = await Promise.all(Array.from({ length: 1_000 }, () => versionOf(a, key)));
    expect(new Set(versions)).toEqual(new Set([7]));
    expect(origin.loads).toBe(1);
  });

  it('loads all misses of many keys at once, and joins what is loading already', async () => {
    const a = await startProcess();
    const keys = Array.from({ length: 10 }, aKey);
    for (const key of keys.slice(0, 9)) origin.versions.set(key, 1);
    await a.products.get(keys[0]!);
    const alone = a.products.get(keys[1]!);
    await sleep(0);
    const answers = await a.products.getMany([...keys, keys[3]!]);
    await alone;
    expect([...answers.values()].filter((answer) => answer.found)).toHaveLength(9);
    expect(answers.get(keys[9]!)).toMatchObject({ found: false });
    expect(origin.batches).toEqual([[keys[0]], [keys[1]], keys.slice(2)]);
    await a.cache.settled();
    const b = await startProcess();
    await b.products.getMany(keys);
    expect(origin.batches).toHaveLength(3);
  });

  it('remembers that there is nothing, briefly, and forgets it when something comes into being', async () => {
    const [a, b] = [await startProcess(), await startProcess()];
    const key = aKey();
    expect(await a.products.get(key)).toMatchObject({ found: false, tier: 'origin' });
    await a.cache.settled();
    expect(await a.products.get(key)).toMatchObject({ found: false, tier: 'memory' });
    expect(await b.products.get(key)).toMatchObject({ found: false, tier: 'redis' });
    expect(origin.loads).toBe(1);
    origin.versions.set(key, 1);
    await a.cache.invalidate({ tags: [`product:${key}`] });
    expect(await versionOf(a, key)).toBe(1);
    await eventually(async () => expect(await versionOf(b, key)).toBe(1));

    const other = aKey();
    await a.products.get(other);
    origin.versions.set(other, 1);
    a.clock.aheadMs = cachePolicy.product.negativeMs + 1;
    expect(await versionOf(a, other)).toBe(1);
  });

  it('takes what does not fit the codec, or is damaged, for a miss', async () => {
    const a = await startProcess();
    const [damaged, foreign, otherType] = [aKey(), aKey(), aKey()];
    for (const key of [damaged, foreign, otherType]) origin.versions.set(key, 3);
    const client = redisOf(a);
    await a.products.get(foreign);
    await a.cache.settled();
    const stored = await client.getBuffer(keyspace.application.entry('product', foreign));
    const text = stored!.toString('latin1').replace('"version":3', '"version":""');
    await client.set(keyspace.application.entry('product', foreign), Buffer.from(text, 'latin1'));
    await client.set(keyspace.application.entry('product', damaged), 'rubbish');
    await client.hset(keyspace.application.entry('product', otherType), 'a', 'b');
    const b = await startProcess();
    for (const key of [damaged, foreign, otherType]) {
      expect(await versionOf(b, key)).toBe(3);
    }
    expect(await counted(b, 'cache_unreadable_total')).toBe(2);
    await b.cache.settled();
    expect(await (await startProcess()).products.get(foreign)).toMatchObject({ tier: 'redis' });
  });

  it('gives a load up at its deadline, frees the key, and does not keep what comes late', async () => {
    const a = await startProcess({ product: { loadDeadlineMs: 50 } });
    const key = aKey();
    origin.versions.set(key, 1);
    origin.hanging = true;
    const waiting = [a.products.get(key), a.products.get(key)];
    const results = await Promise.allSettled(waiting);
    expect(results).toMatchObject([{ reason: { code: 'unavailable' } }, { reason: { code: 'unavailable' } }]);
    expect(origin.loads).toBe(1);
    // The error is shared for a moment, then the key is free.
    await expect(a.products.get(key)).rejects.toMatchObject({ code: 'unavailable' });
    expect(origin.loads).toBe(1);
    origin.hanging = false;
    a.clock.aheadMs = cacheLimits.sharedErrorMs + 1;
    expect(await versionOf(a, key)).toBe(1);
  });

  it('frees the places in front of the origin when loads hang', async () => {
    const a = await startProcess({ originConcurrency: 2, product: { loadDeadlineMs: 50 } });
    origin.hanging = true;
    await Promise.allSettled(Array.from({ length: 6 }, () => a.products.get(aKey())));
    origin.hanging = false;
    const key = aKey();
    origin.versions.set(key, 1);
    expect(await versionOf(a, key)).toBe(1);
  });

  it('serves a document past its time while it is loaded anew, once', async () => {
    const product = { jitter: 0, earlyRefreshFactor: 0, staleMs: 60_000 };
    const [a, b] = [await startProcess({ product }), await startProcess({ product })];
    const key = aKey();
    origin.versions.set(key, 1);
    await a.products.get(key);
    await a.cache.settled();
    origin.versions.set(key, 2); // nobody says so
    for (const one of [a, b]) one.clock.aheadMs = cachePolicy.product.redis.freshMs + 30_000;
    expect(await b.products.get(key)).toMatchObject({
      tier: 'redis',
      stale: true,
      document: { value: { version: 1 } },
    });
    await b.cache.settled();
    expect(b.products.peek(key)).toMatchObject({ tier: 'memory', stale: false, document: { value: { version: 2 } } });
    expect(origin.loads).toBe(2);
  });

  it('checks a copy in memory against redis in the background', async () => {
    const product = { jitter: 0, earlyRefreshFactor: 0 };
    const a = await startProcess({ product });
    const key = aKey();
    origin.versions.set(key, 1);
    await a.products.get(key);
    await a.cache.settled();
    a.clock.aheadMs = cachePolicy.product.memory.freshMs + 1;
    expect(await a.products.get(key)).toMatchObject({ tier: 'memory', stale: false });
    await a.cache.settled();
    expect(await counted(a, 'cache_requests_total', { tier: 'redis', outcome: 'hit' })).toBe(1);
    expect(origin.loads).toBe(1);
  });

  it('serves a document past its time when the origin fails, without asking it each time, but not an invalidated one', async () => {
    const a = await startProcess({ product: { jitter: 0, staleMs: 0 } });
    const [key, gone] = [aKey(), aKey()];
    for (const one of [key, gone]) {
      origin.versions.set(one, 1);
      await a.products.get(one);
    }
    await a.cache.settled();
    a.clock.aheadMs = cachePolicy.product.redis.freshMs + 60_000;
    origin.failing = true;
    origin.loads = 0;
    for (let i = 0; i < 3; i++) expect(await a.products.get(key)).toMatchObject({ found: true, stale: true });
    expect(origin.loads).toBe(1);
    await a.products.invalidate([gone]);
    await expect(a.products.get(gone)).rejects.toThrow('the origin is out');
    await a.cache.invalidate({ tags: [`product:${key}`] });
    await expect(a.products.get(key)).rejects.toThrow('the origin is out');
    a.clock.aheadMs += cachePolicy.product.failSafeMs;
    origin.failing = false;
    expect(await a.products.get(key)).toMatchObject({ stale: false });
  });

  it('sets, warms, inspects', async () => {
    const [a, b] = [await startProcess(), await startProcess()];
    const key = aKey();
    origin.versions.set(key, 1);
    await b.products.get(key);
    await a.products.set(key, { id: key, version: 2 });
    expect(a.products.peek(key)).toMatchObject({ document: { value: { version: 2 } } });
    await a.cache.settled();
    await eventually(async () => expect(await versionOf(b, key)).toBe(2));

    const keys = Array.from({ length: 250 }, aKey);
    for (const one of keys) origin.versions.set(one, 1);
    const seen: number[] = [];
    origin.loads = 0;
    const progress = await a.products.warm(keys, { onProgress: ({ done }) => seen.push(done) });
    expect(progress).toEqual({ done: 250, failed: 0 });
    expect(seen).toEqual([100, 200, 250]);
    expect(origin.loads).toBe(3);

    await a.cache.settled();
    const inspection = await a.cache.inspect('product', keys[0]!);
    const tier = { state: 'present', found: true, tags: [`product:${keys[0]}`, 'products'], bytes: expect.any(Number) };
    expect(inspection).toMatchObject({ memory: tier, redis: { ...tier, expiresInMs: expect.any(Number) } });
    await a.cache.invalidate({ tags: ['products'] });
    expect(await a.cache.inspect('product', keys[0]!)).toMatchObject({
      memory: { state: 'void' },
      redis: { state: 'void' },
    });
    await a.products.invalidate([keys[0]!]);
    expect(await a.cache.inspect('product', keys[0]!)).toMatchObject({
      memory: { state: 'absent' },
      redis: { state: 'absent' },
    });
  });
});

describe('invalidation', () => {
  /** Short, so that a reader of another process that is late beyond it shows within the time of a test. */
  const boundMs = 300;

  interface Violation {
    readonly key: string;
    readonly reader: 'writer' | 'other';
    readonly saw: number;
    readonly atLeast: number;
  }

  /**
   * A writer and readers in two processes on few keys. A read that starts after a write was answered must not see an
   * older value: at once in the writing process, after the bound in the other.
   */
  async function hammer(name: string, durationMs: number, invalidate: (a: Process, key: string) => Promise<unknown>) {
    const random = createRandom(name);
    const product = { memory: { ...cachePolicy.product.memory, freshMs: 40 }, redis: { freshMs: 150 }, staleMs: 400 };
    const options = { staleBoundMs: boundMs, product: { ...product, loadDeadlineMs: 2_000 } };
    const [writer, other] = [await startProcess(options), await startProcess(options)];
    origin.delayMs = () => (random.chance(0.1) ? random.integer(5, 30) : random.integer(0, 3));
    const keys = Array.from({ length: 4 }, aKey);
    const answered = new Map(keys.map((key) => [key, [{ version: 0, atMs: 0 }]]));
    for (const key of keys) origin.versions.set(key, 0);
    const violations: Violation[] = [];
    const endAtMs = Date.now() + durationMs;

    const write = async (key: string) => {
      for (let version = 1; Date.now() < endAtMs; version++) {
        origin.versions.set(key, version);
        await invalidate(writer, key);
        answered.get(key)!.push({ version, atMs: Date.now() });
        await sleep(random.integer(0, 25));
      }
    };
    let reads = 0;
    const read = async (process: Process, reader: Violation['reader']) => {
      while (Date.now() < endAtMs) {
        const some = random.chance(0.2) ? random.shuffle(keys).slice(0, 3) : [random.pick(keys)];
        const knownAtMs = Date.now() - (reader === 'writer' ? 0 : boundMs);
        const floor = new Map(
          some.map((key) => [key, answered.get(key)!.findLast(({ atMs }) => atMs <= knownAtMs)?.version ?? 0]),
        );
        const answers =
          some.length === 1
            ? new Map([[some[0]!, process.products.peek(some[0]!) ?? (await process.products.get(some[0]!))]])
            : await process.products.getMany(some);
        for (const [key, answer] of answers) {
          const saw = answer.found ? answer.document.value.version : -1;
          const atLeast = floor.get(key)!;
          if (saw < atLeast) violations.push({ key, reader, saw, atLeast });
        }
        reads++;
        await sleep(random.chance(0.3) ? random.integer(1, 10) : 0);
      }
    };
    await Promise.all([
      ...keys.map(write),
      ...Array.from({ length: 12 }, () => [read(writer, 'writer'), read(other, 'other')]).flat(),
    ]);
    const writes = [...answered.values()].reduce((sum, list) => sum + list.length - 1, 0);
    expect(writes).toBeGreaterThan(durationMs / 50);
    expect(reads).toBeGreaterThan(writes);
    expect(await counted(other, 'cache_requests_total', { tier: 'redis', outcome: 'hit' })).toBeGreaterThan(0);
    return violations;
  }

  const byKey = (a: Process, key: string) => a.products.invalidate([key]);
  const byTag = (a: Process, key: string) => a.cache.invalidate({ tags: [`product:${key}`] });

  it('by key: no read after an answered write sees an older value', async () => {
    expect(await hammer('by key', 2_500, byKey)).toEqual([]);
  });

  it('by tag: no read after an answered write sees an older value', async () => {
    expect(await hammer('by tag', 2_500, byTag)).toEqual([]);
  });

  it('is caught by this test when redis is filled without a fence', async () => {
    jest.spyOn(RedisTier.prototype, 'fill').mockImplementation(async (fills) => {
      const client = redisOf(processes[0]!);
      for (const { key, entry } of fills) {
        await client.set(keyspace.application.entry('product', key), encodeEnvelope(entry), 'PX', 10_000);
      }
      return fills.map(() => true);
    });
    expect(await hammer('no fence in redis', 2_000, byKey)).not.toEqual([]);
  });

  it('is caught by this test when loads in flight are not made void', async () => {
    jest.spyOn(Flights.prototype, 'void').mockImplementation(() => {});
    expect(await hammer('no fence in memory', 2_000, byKey)).not.toEqual([]);
  });

  it('reaches other processes by key, tag, category and for everything', async () => {
    const [a, b] = [await startProcess(), await startProcess()];
    const key = aKey();
    let version = 0;
    for (const what of [
      { category: 'product', keys: [key] },
      { tags: [`product:${key}`] },
      { tags: ['products'] },
      { category: 'product' },
      { all: true },
    ] as const) {
      origin.versions.set(key, ++version);
      expect((await a.cache.invalidate(what)).published).toBe(true);
      expect(await versionOf(a, key)).toBe(version);
      await eventually(async () => expect(await versionOf(b, key)).toBe(version), cacheLimits.staleBoundMs);
    }
    // Loaded since the last invalidation: not void by its own echo.
    await a.cache.settled();
    expect(a.products.peek(key)).toMatchObject({ tier: 'memory' });
    expect(await (await startProcess()).products.get(key)).toMatchObject({ tier: 'redis' });
    await expect(a.cache.invalidate({ keys: [key] })).rejects.toThrow(RangeError);
  });

  it('is honoured by a process that starts later', async () => {
    const [a, b] = [await startProcess(), await startProcess()];
    const key = aKey();
    await write(a, key, 1);
    await versionOf(b, key);
    await b.cache.settled();
    origin.versions.set(key, 2);
    await a.cache.invalidate({ tags: [`product:${key}`] });
    expect(await versionOf(await startProcess(), key)).toBe(2);
  });

  it('is not joined by a reader who comes after it: a load begun before it is only for those who came before', async () => {
    const a = await startProcess();
    for (const invalidate of [byKey, byTag]) {
      const key = aKey();
      origin.versions.set(key, 1);
      origin.delayMs = () => 100;
      const early = versionOf(a, key);
      await sleep(150); // the old version has been read, and is on its way
      origin.versions.set(key, 2);
      await invalidate(a, key);
      const late = Promise.all([versionOf(a, key), versionOf(a, key)]);
      expect(await early).toBe(1);
      origin.delayMs = () => 0;
      expect(await late).toEqual([2, 2]);
      await a.cache.settled();
      expect(await versionOf(a, key)).toBe(2);
      expect(await versionOf(await startProcess(), key)).toBe(2);
    }
  });

  it('is noticed when its message was lost: memory is not believed', async () => {
    const [a, b] = [await startProcess({ staleBoundMs: boundMs }), await startProcess({ staleBoundMs: boundMs })];
    const client = redisOf(a);
    for (const lose of [
      () => client.del(keyspace.application.invalidations()),
      () => client.flushall(),
      // An older state of the server, as after a fail-over to a replica that was behind.
      () => client.hset(keyspace.application.clock(), 'stamp', 0),
      () => client.del(keyspace.application.tagStamps()),
    ]) {
      const key = aKey();
      await write(a, key, 1);
      await eventually(async () => expect(await versionOf(b, key)).toBe(1));
      origin.versions.set(key, 2);
      // What b would hear is gone before b can read it.
      await client.multi().del(keyspace.application.entry('product', key)).exec();
      const sent = a.products.invalidate([key]);
      const lost = lose();
      await Promise.all([sent, lost]);
      await sleep(boundMs);
      expect(await versionOf(a, key)).toBe(2);
      expect(await versionOf(b, key)).toBe(2);
    }
  });

  it('goes on when connections are killed, within the bound wherever the writer could publish', async () => {
    const [a, b] = [await startProcess(), await startProcess()];
    const killer = connect();
    await killer.waitUntilUp(1_000);
    const random = createRandom('killed connections');
    const key = aKey();
    for (let version = 1; version <= 4; version++) {
      await killer.client('application').call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await sleep(random.integer(0, 200));
      origin.versions.set(key, version);
      const { published } = await a.cache.invalidate({ category: 'product', keys: [key] });
      expect(await versionOf(a, key)).toBe(version);
      await sleep(cacheLimits.staleBoundMs);
      if (published) expect(await versionOf(b, key)).toBe(version);
      else await eventually(async () => expect(await versionOf(b, key)).toBe(version));
    }
    await killer.close();
  });

  it('forgets stamps only together with the entries they speak of', async () => {
    const a = await startProcess();
    const client = redisOf(a);
    const key = aKey();
    await write(a, key, 1);
    await versionOf(a, key);
    await a.cache.settled();
    await a.cache.invalidate({ tags: [`product:${key}`] });
    // As if the marks were older than any entry lives.
    await client.hset(keyspace.application.clock(), 'markAt', 1);
    await a.cache.invalidate({ tags: ['something else'] });
    expect(await client.zscore(keyspace.application.tagStamps(), `product:${key}`)).not.toBeNull();
    await client.hset(keyspace.application.clock(), 'markAt', 1);
    await a.cache.invalidate({ tags: ['something else'] });
    expect(await client.zscore(keyspace.application.tagStamps(), `product:${key}`)).toBeNull();
    origin.versions.set(key, 2);
    expect(await versionOf(await startProcess(), key)).toBe(2);
  });
});

describe('when redis is out', () => {
  let isGone = false;
  const kill = async () => {
    isGone = true;
    await redis.kill9();
  };
  const revive = async () => {
    if (isGone) await redis.start();
    isGone = false;
  };
  afterEach(async () => {
    redis.thaw();
    await revive();
  });

  it('killed: reads go on from memory, marked, and from the origin; it recovers by itself', async () => {
    const [a, b] = [await startProcess(), await startProcess()];
    const [kept, unknown] = [aKey(), aKey()];
    await write(a, kept, 1);
    await write(a, unknown, 1);
    for (const one of [a, b]) await versionOf(one, kept);
    await kill();
    expect(await versionOf(a, unknown)).toBe(1);
    await sleep(cacheLimits.staleBoundMs + 100);
    expect(a.products.peek(kept)).toMatchObject({ tier: 'memory', stale: true, document: { value: { version: 1 } } });
    expect(await a.products.get(kept)).toMatchObject({ tier: 'memory', stale: true });

    // What this process writes meanwhile it sees at once; redis and the others hear of it later.
    origin.versions.set(kept, 2);
    expect(await a.cache.invalidate({ tags: [`product:${kept}`] })).toMatchObject({ published: false });
    expect(await versionOf(a, kept)).toBe(2);
    origin.versions.set(unknown, 2);
    await a.products.invalidate([unknown]);
    expect(await versionOf(a, unknown)).toBe(2);
    expect(await counted(a, 'cache_pending_invalidations')).toBe(2);

    await revive();
    await eventually(async () => {
      expect(await counted(a, 'cache_current')).toBe(1);
      expect(await counted(b, 'cache_current')).toBe(1);
      expect(await counted(a, 'cache_pending_invalidations')).toBe(0);
    });
    expect(await versionOf(b, kept)).toBe(2);
    expect(await versionOf(b, unknown)).toBe(2);
    await eventually(async () => {
      expect(await (await startProcess()).products.get(kept)).toMatchObject({ tier: 'redis', stale: false });
    });
  });

  it('frozen: a read waits for it once at most, and what was written meanwhile is told afterwards', async () => {
    const [a, b] = [await startProcess(), await startProcess()];
    const key = aKey();
    await write(a, key, 1);
    for (const one of [a, b]) await versionOf(one, key);
    await a.cache.settled();
    redis.freeze();
    const waits: number[] = [];
    origin.versions.set('cold', 1);
    for (let i = 0; i < 30; i++) {
      const startedAtMs = performance.now();
      expect(await versionOf(a, i === 0 ? 'cold' : key)).toBe(1);
      waits.push(performance.now() - startedAtMs);
      await sleep(50);
    }
    // Two steps of one way may each meet the deadline before the breaker opens; all others do not wait.
    expect(waits.filter((ms) => ms > cacheLimits.redisDeadlineMs / 2).length).toBeLessThanOrEqual(2);
    origin.versions.set(key, 2);
    await a.products.invalidate([key]);
    expect(await versionOf(a, key)).toBe(2);
    redis.thaw();
    // The server was never gone, so its entry of the old version is still there: it must be dropped before it is read.
    await eventually(async () => expect(await versionOf(b, key)).toBe(2));
    expect(await versionOf(a, key)).toBe(2);
  });

  it('lets no more loads reach the origin than there are places, and refuses what cannot wait', async () => {
    const a = await startProcess({ originConcurrency: 4 });
    await kill();
    let running = 0;
    let most = 0;
    jest.spyOn(origin, 'read').mockImplementation(async (keys) => {
      most = Math.max(most, ++running);
      await sleep(1);
      running--;
      return new Map(keys.map((id) => [id, { id, version: 1 }]));
    });
    const answers = await Promise.allSettled(Array.from({ length: 600 }, () => a.products.get(aKey())));
    expect(most).toBe(4);
    const refused = answers.filter((answer) => answer.status === 'rejected');
    expect(refused).toHaveLength(600 - 4 - cacheLimits.originQueue);
    expect(refused[0]).toMatchObject({ reason: { code: 'unavailable', options: { retryAfterS: 1 } } });
  });

  it('flushed under load: no read fails and none is stale beyond the bound', async () => {
    const [a, b] = [await startProcess(), await startProcess()];
    const random = createRandom('flushed');
    const keys = Array.from({ length: 20 }, aKey);
    for (const key of keys) origin.versions.set(key, 0);
    const answered = new Map<string, { version: number; atMs: number }[]>(keys.map((key) => [key, []]));
    const endAtMs = Date.now() + 3_000;
    const client = redisOf(a);
    let late = 0;
    const readers = [a, b].flatMap((process) =>
      Array.from({ length: 6 }, async () => {
        while (Date.now() < endAtMs) {
          const key = random.pick(keys);
          const knownAtMs = Date.now() - (process === a ? 0 : cacheLimits.staleBoundMs);
          const floor = answered.get(key)!.findLast(({ atMs }) => atMs <= knownAtMs)?.version ?? 0;
          if ((await versionOf(process, key))! < floor) late++;
          await sleep(random.integer(0, 3));
        }
      }),
    );
    const writer = (async () => {
      for (let version = 1; Date.now() < endAtMs; version++) {
        const key = random.pick(keys);
        await write(a, key, version);
        answered.get(key)!.push({ version, atMs: Date.now() });
        if (random.chance(0.05)) await client.flushall();
        await sleep(random.integer(0, 10));
      }
    })();
    await Promise.all([...readers, writer]);
    expect(late).toBe(0);
  });

  it('at the start: the cache serves, and becomes current when redis comes', async () => {
    await kill();
    const key = aKey();
    origin.versions.set(key, 1);
    const a = await startProcess();
    expect(await versionOf(a, key)).toBe(1);
    expect(a.products.peek(key)).toMatchObject({ tier: 'memory', stale: true });
    await revive();
    await eventually(async () => expect(await counted(a, 'cache_current')).toBe(1));
    expect(await a.products.get(key)).toMatchObject({ stale: false });
  });
});

describe('leadership', () => {
  it('is held by one at a time, and given back', async () => {
    const [a, b] = [await startProcess(), await startProcess()];
    const locks = [new LeaderLock(a.layers, logger), new LeaderLock(b.layers, logger)] as const;
    let inside = 0;
    let most = 0;
    const job = async () => {
      most = Math.max(most, ++inside);
      await sleep(1_300); // longer than the lock lasts: it is extended
      inside--;
      return 'done';
    };
    const first = locks[0].runIfLeader('job', 1_000, job);
    await sleep(100);
    expect(await locks[1].runIfLeader('job', 1_000, job)).toEqual({ ran: false, reason: 'taken' });
    await sleep(1_000);
    expect(await locks[1].runIfLeader('job', 1_000, job)).toEqual({ ran: false, reason: 'taken' });
    expect(await first).toEqual({ ran: true, result: 'done' });
    expect(await locks[1].runIfLeader('job', 1_000, async () => 2)).toEqual({ ran: true, result: 2 });
    await expect(locks[0].runIfLeader('job', 1_000, () => Promise.reject(new Error('failed')))).rejects.toThrow(
      'failed',
    );
    expect(await locks[0].runIfLeader('job', 1_000, async () => 3)).toEqual({ ran: true, result: 3 });
    expect(most).toBe(1);
  });

  it('tells the work when it was lost, and keeps its result', async () => {
    const a = await startProcess();
    const lock = new LeaderLock(a.layers, logger);
    const result = await lock.runIfLeader('lost', 1_000, async (signal) => {
      await a.layers.client('operational').set(keyspace.operational.lock('lost'), 'another');
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return signal.aborted;
    });
    expect(result).toEqual({ ran: true, result: true });
  });
});

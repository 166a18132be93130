// Redis stopped, frozen, slow and flushed while two processes read on. OUTAGE_SECONDS says how long each outage lasts.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { startRedis, type TestRedis } from '../support/redis-servers.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { CacheProcess } from './cache-processes/cache-process.ts';
import type { MutantName } from './cache-processes/mutants.ts';
import { CountedOrigin } from './cache-processes/origin.ts';
import { LOOPS, type ReaderReport } from './cache-processes/steady-readers.ts';

const OUTAGE_MS = Number(process.env.OUTAGE_SECONDS ?? 1) * 1_000;
const PROCESSES = 2;
const ORIGIN_CONCURRENCY = 3;
const RECOVERY_MS = 20_000;
const hot = Array.from({ length: 50 }, (_, i) => `hot ${i}`);
const cold = Array.from({ length: 5_000 }, (_, i) => `cold ${i}`);

let redis: TestRedis;
let proxy: TcpProxy;
let database: TestDatabase;
let origin: CountedOrigin;
let processes: CacheProcess[] = [];

beforeAll(async () => {
  [redis, database] = await Promise.all([startRedis(), createTestDatabase()]);
  origin = await CountedOrigin.create(database.url);
  await origin.addItems([...hot, ...cold], () => 15);
  proxy = await TcpProxy.start(redis.url);
  await startReading();
}, 60_000);
afterEach(() => redis.thaw());
afterAll(async () => {
  await Promise.all(processes.map((one) => one.kill()));
  await origin.close();
  await proxy.stop();
  await Promise.all([redis.remove(), database.drop()]);
});

async function startReading(mutant?: MutantName): Promise<void> {
  processes = await CacheProcess.startAll(
    Array.from({ length: PROCESSES }, (_, i) => ({
      name: `process ${i}`,
      redisUrl: proxy.urlFor(redis.url),
      databaseUrl: database.url,
      originConcurrency: ORIGIN_CONCURRENCY,
      policy: { memoryFreshMs: 1_000, redisFreshMs: 60_000, maxEntries: 400 },
      mutant,
    })),
  );
  await Promise.all(processes.map((one) => one.ask({ kind: 'read on', hot, cold })));
  await recovered();
}

const report = () => Promise.all(processes.map((one) => one.ask<ReaderReport>({ kind: 'report' })));

/** Nobody helps: after a while every hot read is a hit again, and nothing is marked. */
async function recovered(): Promise<void> {
  await report();
  await eventually(async () => {
    await sleep(200);
    for (const { hot: reads, goodHits, isCurrent, breaker } of await report()) {
      expect({ isCurrent, breaker }).toEqual({ isCurrent: true, breaker: 'closed' });
      expect(goodHits).toBeGreaterThanOrEqual(reads * 0.98);
      expect(reads).toBeGreaterThan(0);
    }
  }, RECOVERY_MS);
}

const outages = {
  stopped: { begin: () => redis.stop(), end: () => redis.start() },
  frozen: { begin: () => redis.freeze(), end: () => redis.thaw() },
  slow: { begin: () => proxy.delay(150), end: () => proxy.restore() },
  flushed: { begin: () => redis.flush(), end: () => undefined },
};

test.each(Object.keys(outages) as (keyof typeof outages)[])(
  'redis %s: hits stay hits, the origin sees no more loads than it may, and all is well again by itself',
  async (name) => {
    await report();
    await outages[name].begin();
    await sleep(OUTAGE_MS);
    await outages[name].end();
    const reports = await report();
    await recovered();
    for (const { hot: reads, fromOrigin, overDeadline, coldRefused, cold: others, ...rest } of reports) {
      process.stdout.write(
        `redis ${name}: ${reads} hot reads, ${fromOrigin} from the origin, ${overDeadline} over 200 ms; ` +
          `${others} others, ${coldRefused} refused; ${rest.mostLoadsAtOnce} loads at once\n`,
      );
      expect(rest.hotFailures).toEqual([]);
      // A read may wait for a dead redis once: as many as there were at that moment, not each one.
      expect(rest.farOverDeadline).toBeLessThanOrEqual(LOOPS);
      // What was in redis only is loaded again, once or, when it was loaded as it was distrusted, twice; all else is a hit.
      expect(fromOrigin).toBeLessThanOrEqual(2 * hot.length);
      expect(reads).toBeGreaterThan(fromOrigin);
      expect(rest.mostLoadsAtOnce).toBeGreaterThan(0);
      expect(rest.mostLoadsAtOnce).toBeLessThanOrEqual(PROCESSES * ORIGIN_CONCURRENCY);
    }
  },
  60_000 + OUTAGE_MS,
);

test('a cache whose loads pass the bulkhead is noticed', async () => {
  await Promise.all(processes.map((one) => one.kill()));
  await startReading('loads pass the bulkhead');
  await redis.flush();
  await eventually(async () => {
    await sleep(500);
    const most = (await report()).map(({ mostLoadsAtOnce }) => mostLoadsAtOnce);
    expect(Math.max(...most)).toBeGreaterThan(PROCESSES * ORIGIN_CONCURRENCY);
  });
});

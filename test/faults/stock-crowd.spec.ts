// A thousand buyers, and what may happen to Redis while they buy. Never is more sold than there was.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { inventoryPartitions, keyspace } from '../../src/platform/keyspace.js';
import { Crowd } from '../integration/inventory/crowd.js';
import { type StockProcess, startStockProcess } from '../integration/inventory/stock-process.js';
import { eventually } from '../support/eventually.js';
import { createRandom } from '../support/random.js';
import { startRedisCluster } from '../support/redis-cluster.js';
import { startRedisSentinel } from '../support/redis-sentinel.js';
import { startRedis } from '../support/redis-servers.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const BUYERS = 1_000;
const WITHIN_MS = 1_000;
const BACK_MS = 30_000;
const env = { REDIS_COMMAND_TIMEOUT_MS: '1000' };

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database?.drop());

type Processes = readonly [StockProcess, StockProcess];

async function withShop(redisUrl: string, more: Record<string, string>, work: (shop: Processes) => Promise<void>) {
  const start = () => startStockProcess({ databaseUrl: database.url, redisUrl }, { env: { ...env, ...more } });
  const shop = [await start(), await start()] as const;
  try {
    await work(shop);
  } finally {
    await Promise.all(shop.map((process) => process.close()));
  }
}

interface Disaster {
  /** What is done while the first buyers buy, before anything happens. */
  readonly before?: (crowd: Crowd) => Promise<void>;
  /** Resolves when Redis can be used. */
  readonly happen: () => Promise<unknown>;
}

/** Buyers come while something happens, and again when it is over. */
async function survive(name: string, shop: Processes, { before, happen }: Disaster): Promise<void> {
  const [first] = shop;
  const crowd = new Crowd(shop, createRandom(name));
  await crowd.stock();
  const epoch = await first.epoch.verify();
  const buying = crowd.buy(BUYERS / 2, WITHIN_MS);
  await sleep(WITHIN_MS / 3);
  await before?.(crowd);
  const beganAtMs = performance.now();
  await happen();
  await eventually(async () => expect(await first.epoch.verify()).toBeGreaterThan(epoch), BACK_MS);
  const recoveredMs = performance.now() - beganAtMs;
  await buying;
  await crowd.buy(BUYERS / 2, WITHIN_MS);
  await crowd.comeToRest();
  process.stdout.write(`${name}: recovered after ${recoveredMs.toFixed(0)} ms; ${JSON.stringify(crowd.outcomes)}\n`);
  expect(crowd.outcomes.bought).toBeGreaterThan(0);
}

test('nothing happens: nobody is told that the shop is busy', async () => {
  const redis = await startRedis();
  // All buyers and both processes are in one: that it is late is no outage.
  await withShop(redis.url, { REDIS_COMMAND_TIMEOUT_MS: '30000' }, async (shop) => {
    const crowd = new Crowd(shop, createRandom('crowd'));
    await crowd.stock();
    await crowd.buy(BUYERS, WITHIN_MS);
    await crowd.comeToRest();
    expect(crowd.outcomes).toMatchObject({ busy: 0, bought: expect.any(Number), short: expect.any(Number) });
    expect(crowd.outcomes.short).toBeGreaterThan(0);
  });
  await redis.remove();
});

test('FLUSHALL, then kill -9 and a start', async () => {
  const redis = await startRedis({ aof: true });
  await withShop(redis.url, {}, async (shop) => {
    await survive('FLUSHALL', shop, { happen: () => shop[0].redis.flushall() });
    await survive('kill -9', shop, {
      async happen() {
        await redis.kill9();
        await redis.start();
      },
    });
  });
  await redis.remove();
});

test('an old append-only file, copied while stock was held, is put back after more has been sold', async () => {
  const redis = await startRedis({ aof: true });
  await withShop(redis.url, {}, async (shop) => {
    const client = shop[0].redis;
    await survive('an old AOF', shop, {
      async before({ outcomes }) {
        await eventually(async () => expect(await client.keys('op:*:exp:*')).not.toEqual([]));
        await client.set('marker', 'old');
        await redis.keepAof();
        await client.set('marker', 'new');
        const { bought } = outcomes;
        await eventually(() => expect(outcomes.bought).toBeGreaterThan(bought + 50));
      },
      async happen() {
        await redis.stop();
        await redis.putBackAof();
        await redis.start();
        await eventually(async () => expect(await client.get('marker')).toBe('old'));
      },
    });
  });
  await redis.remove();
});

test('Sentinel: the replica takes over', async () => {
  const sentinel = await startRedisSentinel();
  await withShop(sentinel.url, {}, async (shop) => {
    await survive('Sentinel', shop, { happen: () => sentinel.failOver() });
  });
  await sentinel.remove();
});

test('a Cluster of six nodes loses a master; stock in one partition, then in four', async () => {
  const cluster = await startRedisCluster();
  for (const partitions of [1, 4]) {
    const TENANT = `crowd-${partitions}`;
    const [first = ''] = inventoryPartitions(partitions, TENANT);
    await withShop(cluster.url, { TENANT, INVENTORY_PARTITIONS: String(partitions) }, async (shop) => {
      await survive(`Cluster, stock in ${partitions}`, shop, {
        async happen() {
          await cluster.killMasterOf(keyspace.operational.inventoryEpoch(first, partitions));
          await cluster.untilServed();
        },
      });
    });
    await cluster.repair();
  }
  await cluster.remove();
});

// Two shops, each with its own database, share one operational Redis.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { startRedis, type TestRedis } from '../../support/redis-servers.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { type StockProcess, startStockProcess } from './stock-process.js';
import { stockTools } from './stock-tools.js';

let databases: TestDatabase[];
let redis: TestRedis;
let north: StockProcess;
let south: StockProcess;

beforeAll(async () => {
  [databases, redis] = await Promise.all([Promise.all([createTestDatabase(), createTestDatabase()]), startRedis()]);
  const start = (shop: 0 | 1, env: Record<string, string>) =>
    startStockProcess({ databaseUrl: databases[shop]!.url, redisUrl: redis.url }, { env });
  north = await start(0, { TENANT: 'north' });
  south = await start(1, { TENANT: 'south', INVENTORY_PARTITIONS: '2' });
});
afterAll(async () => {
  await Promise.all([north?.close(), south?.close()]);
  await Promise.all([redis?.remove(), ...(databases ?? []).map((database) => database.drop())]);
});

const tools = () => [stockTools(() => north), stockTools(() => south)] as const;

test('each has its own stock of the same variant, its own holds and its own epoch', async () => {
  const [inNorth, inSouth] = tools();
  const variantId = await inNorth.stocked(5);
  await inSouth.stocked(8, { variantId });
  const [holdId, lines] = [randomUUID(), [{ variantId, quantity: 2 }]];
  expect(await inNorth.reserve(variantId, 2, holdId)).toMatchObject({ kind: 'reserved' });
  expect(await inSouth.reserve(variantId, 7, holdId)).toMatchObject({ kind: 'reserved' });
  expect([await inNorth.availableOf(variantId), await inSouth.availableOf(variantId)]).toEqual([3, 1]);

  const epochOfSouth = await south.epoch.verify();
  const raised = await north.epoch.verify((await north.epoch.verify()) + 1);
  expect(raised).toBeGreaterThan(epochOfSouth);
  expect(await south.epoch.verify()).toBe(epochOfSouth);

  expect(await north.inventory.release(holdId, lines, 'test')).toEqual({ kind: 'released' });
  expect([await inNorth.availableOf(variantId), await inSouth.availableOf(variantId)]).toEqual([5, 1]);
  for (const shop of [north, south]) {
    expect(await shop.reconciliation.reconcile()).toMatchObject({ differing: 0, holds: { differing: 0 } });
  }
});

test('every key begins with the name of its shop, and the stock of each has hash tags of its own', async () => {
  const raw = new Redis(redis.url);
  const keys = await raw.keys('*');
  raw.disconnect();
  const owners = new Set(keys.map((key) => /^(north|south):op:(\{inv:[^}]+\}):/.exec(key)?.slice(1).join(' ') ?? key));
  expect([...owners].sort()).toEqual(['north {inv:north.0}', 'south {inv:south.0}', 'south {inv:south.1}']);
});

// Differences between the holds in Redis and what levels, checkouts and PostgreSQL say of them.
import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from '@jest/globals';
import { toHoldLines } from '../../../src/inventory/holds/hold-lines.js';
import { inventoryScripts } from '../../../src/inventory/holds/inventory.scripts.js';
import { HoldOwners } from '../../../src/inventory/index.js';
import { HoldHandover } from '../../../src/inventory/standby/hold-handover.service.js';
import { StandbyHolds } from '../../../src/inventory/standby/standby-holds.service.js';
import { keyspace } from '../../../src/platform/keyspace.js';
import { Metrics } from '../../../src/platform/metrics.js';
import { runLua } from '../../../src/platform/redis/lua-runner.js';
import { shop, useStockProcess } from './stock-rig.js';
import { stockTools } from './stock-tools.js';

const MAIN = '00000000-0000-4000-8000-000000000001';

const ended = new Set<string>();

useStockProcess({ env: { INVENTORY_PARTITIONS: '2' } });
beforeAll(() => shop.get(HoldOwners).register(async (holdIds) => holdIds.filter((id) => ended.has(id))));

const { stocked, reserve, availableOf, query } = stockTools(() => shop);
const partitionOf = (variantId: string) => String(Number.parseInt(variantId.slice(-8), 16) % 2);
const levelKey = (variantId: string) => keyspace.operational.level(partitionOf(variantId), variantId, MAIN);
const expiriesKey = (variantId: string) => keyspace.operational.holdExpiries(partitionOf(variantId), variantId, MAIN);
const holdsFound = async () => (await shop.reconciliation.reconcile()).holds;

test('a level that says another sum than its holds is corrected, in either direction', async () => {
  for (const wrong of [1, 7]) {
    const variantId = await stocked(10);
    await reserve(variantId, 3);
    await reserve(variantId, 1);
    await shop.redis.hset(levelKey(variantId), 'h', wrong);
    expect(await holdsFound()).toMatchObject({
      differing: 1,
      differences: [{ kind: 'sum', variantId, locationId: MAIN, held: wrong, sum: 4 }],
    });
    expect(await availableOf(variantId)).toBe(6);
    expect(await holdsFound()).toMatchObject({ differing: 0, differences: [] });
  }
});

test('a level whose bound would let holds live for ever is corrected', async () => {
  const variantId = await stocked(10);
  await reserve(variantId, 3);
  const bound = await shop.redis.hget(levelKey(variantId), 'x');
  await shop.redis.hset(levelKey(variantId), 'x', '9000000000000');
  expect(await holdsFound()).toMatchObject({
    differing: 1,
    differences: [{ kind: 'sum', variantId, held: 3, sum: 3 }],
  });
  expect(await shop.redis.hget(levelKey(variantId), 'x')).toBe(bound);
});

test('what is held for a checkout that has ended is given back, whole, and each hold is told once', async () => {
  const variantIds = await Promise.all(Array.from({ length: 4 }, () => stocked(5)));
  const lines = variantIds.map((variantId) => ({ variantId, quantity: 2 }));
  const [over, goesOn] = [randomUUID(), randomUUID()];
  for (const holdId of [over, goesOn]) await shop.inventory.reserve({ holdId, lines, ttlMs: 60_000 });
  ended.add(over);
  expect(await holdsFound()).toMatchObject({ differing: 1, differences: [{ kind: 'ended', holdId: over }] });
  for (const variantId of variantIds) expect(await availableOf(variantId)).toBe(3);
  expect(await holdsFound()).toMatchObject({ differing: 0 });
  const options = { ttlMs: 60_000, maxTotalMs: 600_000, lines };
  expect(await shop.inventory.extend(goesOn, options)).toMatchObject({ kind: 'extended' });
});

test('more holds of one level than are read at once, some of them ended', async () => {
  const variantId = await stocked(2_000);
  const holdIds = Array.from({ length: 1_200 }, () => randomUUID());
  await Promise.all(holdIds.map((holdId) => reserve(variantId, 1, holdId)));
  for (const holdId of holdIds.filter((_, i) => i % 3 === 0)) ended.add(holdId);
  const { differing, differences } = await holdsFound();
  expect(differing).toBe(400);
  expect(differences.every((difference) => difference.kind === 'ended' && ended.has(difference.holdId))).toBe(true);
  expect(await availableOf(variantId)).toBe(1_200);
});

test('a hold of a time without Redis that does not get there is told, and no longer once it does', async () => {
  const variantId = await stocked(5);
  const holdId = randomUUID();
  await shop.get(StandbyHolds).reserve(holdId, toHoldLines([{ variantId, quantity: 2 }]), 60_000);
  // One that is handed over in the next second is nothing to tell.
  expect(await holdsFound()).toMatchObject({ differing: 0 });
  await query(`UPDATE inventory_holds SET changed_at = now() - interval '1 minute' WHERE hold_id = $1`, [holdId]);
  expect(await holdsFound()).toMatchObject({ differing: 1, differences: [{ kind: 'waiting', holdId }] });
  await shop.get(HoldHandover).run();
  expect(await holdsFound()).toMatchObject({ differing: 0 });
});

test('the holds that were compared are counted', async () => {
  await shop.redis.flushall();
  const variantId = await stocked(10);
  await reserve(variantId, 3);
  await reserve(variantId, 1);
  expect(await holdsFound()).toMatchObject({ lines: 2, units: 4 });
  const text = await shop.get(Metrics).registry.getSingleMetricAsString('inventory_redis_holds');
  expect(text.split('\n').filter((line) => !line.startsWith('#'))).toEqual([
    'inventory_redis_holds{measure="lines"} 2',
    'inventory_redis_holds{measure="units"} 4',
  ]);
});

test('one script does not count the holds of many levels that have many', async () => {
  await shop.redis.flushall();
  const inOnePartition = Array.from({ length: 3 }, () => ({ variantId: `${randomUUID().slice(0, -8)}00000000` }));
  const expiresAtMs = Date.now() + 600_000;
  const keys: string[] = [];
  for (const { variantId } of inOnePartition) {
    await stocked(10_000, { variantId });
    const holds = Array.from({ length: 6_000 }, () => [expiresAtMs, `${randomUUID()}:1`] as const);
    await shop.redis.zadd(expiriesKey(variantId), ...holds.flat());
    await shop.redis.hset(levelKey(variantId), { h: 6_000, x: expiresAtMs });
    keys.push(levelKey(variantId), expiriesKey(variantId));
  }
  expect(await runLua(shop.redis, inventoryScripts.checkHolds, keys, [])).toHaveLength(2);
  await shop.redis.hset(levelKey(inOnePartition[2]!.variantId), 'h', 5);
  expect(await holdsFound()).toMatchObject({ lines: 18_000, units: 18_000, differing: 1 });
  expect(await holdsFound()).toMatchObject({ differing: 0 });
});

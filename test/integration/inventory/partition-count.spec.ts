// A shop changes the number of its partitions: what the other ones were told before is not believed again.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startRedis, type TestRedis } from '../../support/redis-servers.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { startStockProcess } from './stock-process.js';
import { stockTools } from './stock-tools.js';

const IN_THE_LAST_OF_FOUR = '7e57ab1e-0000-4000-8000-000000000003';

let database: TestDatabase;
let redis: TestRedis;

beforeAll(async () => {
  [database, redis] = await Promise.all([createTestDatabase(), startRedis()]);
});
afterAll(async () => {
  await Promise.all([redis?.remove(), database?.drop()]);
});

async function withPartitions<R>(
  count: number,
  work: (tools: ReturnType<typeof stockTools>) => Promise<R>,
): Promise<R> {
  const servers = { databaseUrl: database.url, redisUrl: redis.url };
  const shop = await startStockProcess(servers, { env: { INVENTORY_PARTITIONS: String(count) } });
  try {
    return await work(stockTools(() => shop));
  } finally {
    await shop.close();
  }
}

test('a level of a partition that was out of use is loaded anew', async () => {
  const variantId = IN_THE_LAST_OF_FOUR;
  await withPartitions(4, async ({ stocked, reserve }) => {
    await stocked(5, { variantId });
    expect(await reserve(variantId, 1)).toMatchObject({ kind: 'reserved' });
  });
  // Counted anew where the last of four hears nothing of it.
  await withPartitions(2, ({ row, receive }) => receive(row({ variantId, onHand: 2 })));
  await withPartitions(4, async ({ availableOf, reserve }) => {
    expect(await availableOf(variantId)).toBe(1);
    expect(await reserve(variantId, 3)).toMatchObject({ kind: 'short' });
  });
});

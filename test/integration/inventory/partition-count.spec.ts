// A shop changes the number of its partitions: what the other ones were told before is not believed again.
import { expect, test } from '@jest/globals';
import { startShop, useStockServers } from './stock-rig.js';
import { stockTools } from './stock-tools.js';

const IN_THE_LAST_OF_FOUR = '7e57ab1e-0000-4000-8000-000000000003';

useStockServers();

async function withPartitions<R>(
  count: number,
  work: (tools: ReturnType<typeof stockTools>) => Promise<R>,
): Promise<R> {
  const shop = await startShop({ env: { INVENTORY_PARTITIONS: String(count) } });
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

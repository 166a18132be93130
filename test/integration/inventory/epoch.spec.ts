// What one side may have lost without saying so is found by comparing.
import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { shop, useStockProcess } from './stock-rig.js';
import { stockTools } from './stock-tools.js';

useStockProcess({ redis: { aof: true } });
const { stocked, availableOf, levelKeyOf, query } = stockTools(() => shop);

test('an epoch that must be raised is raised although another comparison is under way', async () => {
  const before = await shop.epoch.current();
  const [, raised] = await Promise.all([shop.epoch.verify(), shop.epoch.verify(before + 1)]);
  expect(raised).toBeGreaterThanOrEqual(before + 1);
});

test('reconcile repairs a wrong level although a comparison of epochs is under way', async () => {
  const variantId = await stocked(5);
  expect(await availableOf(variantId)).toBe(5);
  await shop.redis.hset(levelKeyOf(variantId), 'n', 9);
  let on = true;
  const noise = (async () => {
    while (on) await shop.epoch.verify();
  })();
  const report = await shop.reconciliation.reconcile();
  on = false;
  await noise;
  expect(report).toMatchObject({ epochRaised: true });
  expect(await availableOf(variantId)).toBe(5);
});

test('PostgreSQL falls back to a copy that lost its last order: reconciling brings Redis to what it has now', async () => {
  const variantId = await stocked(10);
  expect(await availableOf(variantId)).toBe(10);
  const sell = async (quantity: number) => {
    const id = randomUUID();
    await shop.database.transaction((tx) =>
      shop.inventory.allocate(tx, [{ orderId: id, lines: [{ variantId, quantity }] }]),
    );
    await shop.inventory.commitOrder(id, randomUUID());
  };
  await sell(1);
  expect(await availableOf(variantId)).toBe(9);
  // What an asynchronous replica that takes over has not got: the last transaction.
  await query('ALTER TABLE stock_movements DISABLE TRIGGER stock_movements_append_only');
  await query(`DELETE FROM stock_movements WHERE variant_id = $1 AND kind = 'allocation'`, [variantId]);
  await query('ALTER TABLE inventory_levels DISABLE TRIGGER inventory_levels_guard');
  await query('UPDATE inventory_levels SET on_hand = 10, version = version - 1 WHERE variant_id = $1', [variantId]);
  await query('ALTER TABLE inventory_levels ENABLE TRIGGER inventory_levels_guard');
  await query('ALTER TABLE stock_movements ENABLE TRIGGER stock_movements_append_only');
  await sell(6);
  expect((await shop.inspection.inspect(variantId)).main.postgres.onHand).toBe(4);
  await shop.reconciliation.reconcile();
  expect(await availableOf(variantId)).toBe(4);
});

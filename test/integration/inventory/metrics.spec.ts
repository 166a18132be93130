// What is measured of stock, while it happens.
import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { HoldHandover } from '../../../src/inventory/standby/hold-handover.service.js';
import { Metrics } from '../../../src/platform/metrics.js';
import { eventually } from '../../support/eventually.js';
import { redis, shop, useStockProcess } from './stock-rig.js';
import { stockTools } from './stock-tools.js';

useStockProcess({ env: { LOW_STOCK_THRESHOLD: '5' } });
const { stocked, reserve, allocate, availableOf, levelKeyOf, query } = stockTools(() => shop);

/** The samples of a metric that have a value, as the metrics page writes them. */
async function samplesOf(name: string): Promise<string[]> {
  const text = await shop.get(Metrics).registry.getSingleMetricAsString(name);
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#') && !line.endsWith(' 0'));
}

test('levels are counted by state, with their own threshold where they have one', async () => {
  for (const onHand of [0, 3, 6, 7]) await stocked(onHand);
  await stocked(0, { tracked: false });
  const own = await stocked(100);
  await query('UPDATE inventory_levels SET low_stock_threshold = 100, version = version + 1 WHERE variant_id = $1', [
    own,
  ]);
  expect(await samplesOf('inventory_levels')).toEqual([
    'inventory_levels{state="out"} 1',
    'inventory_levels{state="low"} 2',
    'inventory_levels{state="enough"} 2',
  ]);
});

test('reserves are counted by outcome, and orders by how many took stock together', async () => {
  const variantId = await stocked(5);
  const holdId = randomUUID();
  await reserve(variantId, 2, holdId);
  await reserve(variantId, 4);
  await shop.inventory.release(holdId, [{ variantId, quantity: 2 }], 'test');
  await reserve(variantId, 2, holdId);
  expect(await samplesOf('inventory_reserves_total')).toEqual([
    'inventory_reserves_total{outcome="reserved"} 1',
    'inventory_reserves_total{outcome="short"} 1',
    'inventory_reserves_total{outcome="resolved"} 1',
  ]);
  await allocate([{ variantId, quantity: 1 }]);
  expect(await samplesOf('inventory_allocation_orders')).toContain('inventory_allocation_orders_count 1');
});

test('what comparing found and made void is counted', async () => {
  const variantId = await stocked(5);
  await availableOf(variantId);
  const before = await samplesOf('inventory_epoch_changes_total');
  await shop.redis.hset(levelKeyOf(variantId), 'n', 9);
  await shop.reconciliation.reconcile();
  expect(await samplesOf('inventory_reconcile_differences_total')).toContain(
    'inventory_reconcile_differences_total{kind="wrong"} 1',
  );
  expect(await samplesOf('inventory_epoch_changes_total')).not.toEqual(before);
});

test('holds of a time without Redis are counted while they live there, and when they are handed over', async () => {
  const variantId = await stocked(5);
  await redis.stop();
  await reserve(variantId, 2);
  expect(await samplesOf('inventory_standby_holds')).toEqual([
    'inventory_standby_holds{measure="holds"} 1',
    'inventory_standby_holds{measure="units"} 2',
  ]);
  await redis.start();
  await eventually(() => shop.get(HoldHandover).run());

  expect(await samplesOf('inventory_handovers_total')).toEqual(['inventory_handovers_total{outcome="done"} 1']);
});

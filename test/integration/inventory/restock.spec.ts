// What an order gives back, and what serves the units that a level owes.
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { StockLine } from '../../../src/inventory/index.js';
import { shop, useStockProcess } from './stock-rig.js';
import { stockTools } from './stock-tools.js';

useStockProcess();
const { row, receive, stocked, allocate, query, eventsOf } = stockTools(() => shop);

let variantId: string;
let orderId: string;

beforeEach(() => {
  orderId = randomUUID();
});

const restock = (lines?: readonly StockLine[]) =>
  shop.database.transaction((tx) => shop.inventory.restock(tx, orderId, lines));
const order = (quantity: number, id = orderId) => allocate([{ variantId, quantity }], id);
const some = (quantity: number) => [{ variantId, quantity }];

async function level() {
  const [found] = await query(
    `SELECT on_hand AS "onHand", backordered,
       (SELECT sum(quantity)::int FROM stock_movements m WHERE m.variant_id = l.variant_id) AS ledger,
       (SELECT sum(m.backordered)::int FROM stock_movements m WHERE m.variant_id = l.variant_id) AS "ledgerOwed"
     FROM inventory_levels l WHERE variant_id = $1`,
    [variantId],
  );
  const { ledger, ledgerOwed, ...now } = found;
  expect({ onHand: ledger, backordered: ledgerOwed }).toEqual(now);
  return now;
}

describe('an order gives back', () => {
  beforeEach(async () => {
    variantId = await stocked(5);
  });

  test('all that it took, once', async () => {
    await order(3);
    expect(await restock()).toMatchObject([{ variantId, quantity: 3 }]);
    expect(await restock()).toEqual([]);
    expect(await restock(some(3))).toEqual([]);
    expect(await level()).toEqual({ onHand: 5, backordered: 0 });
    expect(await eventsOf(variantId)).toHaveLength(1);
  });

  test('parts, named by what has come back in the end, and never more than it took', async () => {
    await order(3);
    expect(await restock(some(1))).toMatchObject([{ quantity: 1 }]);
    expect(await restock(some(1))).toEqual([]);
    expect(await restock(some(2))).toMatchObject([{ quantity: 1 }]);
    expect(await restock(some(1))).toEqual([]);
    expect(await restock(some(50))).toMatchObject([{ quantity: 1 }]);
    expect(await restock()).toEqual([]);
    expect(await level()).toEqual({ onHand: 5, backordered: 0 });
  });

  test('once, when several ask at the same time', async () => {
    await order(3);
    const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => restock(i % 2 ? some(3) : undefined)));
    expect(answers.flat()).toMatchObject([{ quantity: 3 }]);
    expect(await level()).toEqual({ onHand: 5, backordered: 0 });
  });

  test('nothing, when it took nothing or is rolled back', async () => {
    expect(await restock()).toEqual([]);
    expect(await restock(some(2))).toEqual([]);
    await order(3);
    const failing = shop.database.transaction(async (tx) => {
      await shop.inventory.restock(tx, orderId);
      throw new Error('refund refused');
    });
    await expect(failing).rejects.toThrow('refund refused');
    expect(await level()).toEqual({ onHand: 2, backordered: 0 });
    expect(await eventsOf(variantId)).toEqual([]);
  });

  test('to each location what it took there, in an order that parts do not change', async () => {
    const [place] = await query(
      `INSERT INTO locations (id, code, name) VALUES (gen_random_uuid(), 'second', 'Second') RETURNING id`,
    );
    await query(
      `INSERT INTO inventory_levels (variant_id, location_id, on_hand, policy, backordered, version)
       VALUES ($1, $2, 0, 'backorder', 1, 2)`,
      [variantId, place.id],
    );
    const movement = `INSERT INTO stock_movements (variant_id, location_id, kind, quantity, backordered, order_id, part, level_version)
       VALUES ($1, $2, 'allocation', -2, 1, $3, 2, 2)`;
    await order(2);
    await query(movement, [variantId, place.id, orderId]);
    const partsOf = async (units: number) =>
      (await restock(some(units))).map(({ locationId, quantity }) => ({ second: locationId === place.id, quantity }));
    // The level that owed takes back first.
    expect(await partsOf(1)).toEqual([{ second: true, quantity: 1 }]);
    expect(await partsOf(4)).toEqual([
      { second: false, quantity: 1 },
      { second: true, quantity: 2 },
    ]);
    expect(await partsOf(9)).toEqual([{ second: false, quantity: 1 }]);
  });
});

describe('what is owed is served', () => {
  beforeEach(async () => {
    variantId = await stocked(2, { policy: 'backorder', sku: `OWED-${randomUUID()}` });
    await order(5);
    await order(2, randomUUID());
    expect(await level()).toEqual({ onHand: 0, backordered: 5 });
  });

  test('by what an order gives back', async () => {
    expect(await restock(some(4))).toMatchObject([{ quantity: 4 }]);
    expect(await level()).toEqual({ onHand: 0, backordered: 1 });
    expect(await restock()).toMatchObject([{ quantity: 1 }]);
    expect(await level()).toEqual({ onHand: 0, backordered: 0 });
  });

  test('by a receipt, and the rest is on hand', async () => {
    const receipt = (delta: number) =>
      shop.administration.adjust({ variant: { variantId }, change: { delta }, reason: 'delivery' });
    expect(await receipt(3)).toMatchObject({ before: 0, onHand: 0, backordered: 2, version: 4 });
    expect(await receipt(3)).toMatchObject({ before: 0, onHand: 1, backordered: 0, version: 5 });
    expect(await level()).toEqual({ onHand: 1, backordered: 0 });
    expect(await eventsOf(variantId)).toHaveLength(2);
    expect(await restock()).toMatchObject([{ quantity: 5 }]);
    expect(await level()).toEqual({ onHand: 6, backordered: 0 });
  });

  test('by a count and by an import', async () => {
    await shop.administration.adjust({ variant: { variantId }, change: { onHand: 1 }, reason: 'counted' });
    expect(await level()).toEqual({ onHand: 0, backordered: 4 });
    const imported = row({ variantId, onHand: 10, policy: 'backorder' });
    await receive(imported);
    await receive(imported);
    expect(await level()).toEqual({ onHand: 6, backordered: 0 });
  });
});

test('an adjustment that was decided on another version is refused', async () => {
  variantId = await stocked(5);
  const adjust = (expectedVersion: number) =>
    shop.administration.adjust({ variant: { variantId }, change: { delta: 1 }, reason: 'found', expectedVersion });
  expect(await adjust(1)).toMatchObject({ onHand: 6, version: 2 });
  await expect(adjust(1)).rejects.toMatchObject({ code: 'version_conflict', options: { extra: { version: 2 } } });
  expect(await level()).toEqual({ onHand: 6, backordered: 0 });
});

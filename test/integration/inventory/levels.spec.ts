// What PostgreSQL itself keeps true of a level, whoever writes it.
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { LevelSettingsService } from '../../../src/inventory/administration/level-settings.service.js';
import { Locations } from '../../../src/inventory/locations/locations.service.js';
import { StandbyHolds } from '../../../src/inventory/standby/standby-holds.service.js';
import { pgFailure } from '../../../src/platform/database/database.js';
import { eventually } from '../../support/eventually.js';
import { shop, useStockProcess } from './stock-rig.js';
import { stockTools } from './stock-tools.js';

useStockProcess();
const { stocked, allocate, query, levelOf } = stockTools(() => shop);

const set = (variantId: string, assignments: string) =>
  query(`UPDATE inventory_levels SET version = version + 1, ${assignments} WHERE variant_id = $1`, [variantId]);
const refusalOf = async (work: Promise<unknown>) => pgFailure(await work.catch((error: unknown) => error))?.code;

describe('the most that may be held', () => {
  test.each([
    ['what is there', 'safety_stock = 0', 10],
    ['without the safety stock', 'safety_stock = 4', 6],
    ['and never less than nothing', 'safety_stock = 40', 0],
    ['a backorder without a limit', `policy = 'backorder'`, null],
    ['a backorder with one', `policy = 'backorder', backorder_limit = 5, safety_stock = 4`, 11],
    ['less what is owed', `policy = 'backorder', backorder_limit = 5, backordered = 2`, 13],
    ['nobody counts', 'tracked = false, safety_stock = 4', null],
  ])('%s', async (_, assignments, holdLimit) => {
    const variantId = await stocked(10);
    await set(variantId, assignments);
    expect(await levelOf(variantId)).toMatchObject({ holdLimit, version: 2 });
  });

  test('is left when the limit goes below what is owed, and nothing more is owed then', async () => {
    const variantId = await stocked(0);
    await set(variantId, `policy = 'backorder', backorder_limit = 5`);
    expect(await allocate([{ variantId, quantity: 6 }])).toMatchObject({ kind: 'short', lines: [{ available: 5 }] });
    expect(await allocate([{ variantId, quantity: 4 }])).toMatchObject({
      kind: 'allocated',
      levels: [{ holdLimit: 1 }],
    });
    await set(variantId, 'backorder_limit = 2');
    expect(await levelOf(variantId)).toMatchObject({ holdLimit: 0 });
    expect(await refusalOf(set(variantId, 'backordered = backordered + 1'))).toBe('23000');
    expect(await refusalOf(set(variantId, `backordered = backordered - 1`))).toBeUndefined();
  });

  test('a level that denies sells down to its safety stock', async () => {
    const variantId = await stocked(5);
    await set(variantId, 'safety_stock = 2');
    expect(await allocate([{ variantId, quantity: 4 }])).toMatchObject({ kind: 'short', lines: [{ available: 3 }] });
    expect(await allocate([{ variantId, quantity: 3 }])).toMatchObject({ levels: [{ onHand: 2, holdLimit: 0 }] });
    expect(await refusalOf(set(variantId, 'backordered = 1'))).toBe('23000');
  });
});

test("shoppers are told low by the level's own threshold: by Redis, after an order, and by PostgreSQL", async () => {
  const variantId = await stocked(20);
  const told = async () => (await shop.inventory.availability([variantId]))[0]?.state;
  expect(await told()).toBe('in_stock');
  const settings = { lowStockThreshold: 18 };
  await shop.get(LevelSettingsService).change({ variant: { variantId }, settings });
  await shop.reconciliation.reconcile();
  expect(await told()).toBe('in_stock');
  const holdId = randomUUID();
  const lines = [{ variantId, quantity: 2 }];
  await shop.inventory.reserve({ holdId, lines, ttlMs: 60_000 });
  expect(await told()).toBe('low');
  const orderId = randomUUID();
  const allocated = await allocate(lines, orderId);
  expect(allocated).toMatchObject({ levels: [{ lowStockThreshold: 18 }] });
  await shop.inventory.commit(holdId, orderId, lines, allocated.kind === 'allocated' ? allocated.levels : []);
  expect(await told()).toBe('low');
  expect(await shop.reconciliation.reconcile()).toMatchObject({ differing: 0 });
  const inPostgres = (await shop.get(StandbyHolds).counted([variantId])).get(variantId);
  expect(inPostgres).toMatchObject([{ onHand: 18, lowStockThreshold: 18 }]);
});

test.each(['on_hand = 1', 'safety_stock = 1', 'low_stock_threshold = 1', `policy = 'backorder'`, 'tracked = false'])(
  'a change of what Redis mirrors needs a new version: %s',
  async (assignment) => {
    const variantId = await stocked(5);
    const silently = query(`UPDATE inventory_levels SET ${assignment} WHERE variant_id = $1`, [variantId]);
    expect(await refusalOf(silently)).toBe('23000');
  },
);

test('locations are ranked in every process, and without those that are not active', async () => {
  const codes = () =>
    shop
      .get(Locations)
      .ranked()
      .map(({ code }) => code);
  expect(codes()).toEqual(['main']);
  await query(
    `INSERT INTO locations (id, code, name, rank, active) VALUES
       (gen_random_uuid(), 'first', 'First', -1, true), (gen_random_uuid(), 'closed', 'Closed', -2, false)`,
  );
  await eventually(() => expect(codes()).toEqual(['first', 'main']));
});

// Holds over several locations: from the first in rank, the rest from the next ones, all lines or none.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { RedisHolds } from '../../../src/inventory/holds/redis-holds.service.js';
import { LevelMirror } from '../../../src/inventory/levels/level-mirror.service.js';
import { DEFAULT_LOCATION_ID } from '../../../src/inventory/locations/locations.js';
import { Locations } from '../../../src/inventory/locations/locations.service.js';
import { StandbyHolds } from '../../../src/inventory/standby/standby-holds.service.js';
import { shop, useStockProcess } from './stock-rig.js';
import { stockTools } from './stock-tools.js';

const NORTH = DEFAULT_LOCATION_ID;
const SOUTH = '00000000-0000-4000-8000-000000000002';
const TIMES = { ttlMs: 60_000, maxTotalMs: 600_000 };

useStockProcess();
beforeAll(async () => {
  await query(`INSERT INTO locations (id, code, name, rank) VALUES ($1, 'south', 'South', 100)`, [SOUTH]);
  await shop.get(Locations).refresh();
});

const { stocked, query, allocate, availableOf, eventsOf, receive, row } = stockTools(() => shop);

/** A variant with so much in the north, the first in rank, and in the south. */
async function lying(north: number, south?: number): Promise<string> {
  const variantId = await stocked(north);
  if (south === undefined) return variantId;
  await query(
    `INSERT INTO stock_movements (variant_id, location_id, kind, quantity, backordered, level_version)
     VALUES ($1, $2, 'receipt', $3, 0, 1)`,
    [variantId, SOUTH, south],
  );
  await query(
    `INSERT INTO inventory_levels (variant_id, location_id, on_hand, version, policy, tracked)
     VALUES ($1, $2, $3, 1, 'deny', true)`,
    [variantId, SOUTH, south],
  );
  return variantId;
}

const hold = (lines: { variantId: string; quantity: number }[], holdId: string = randomUUID()) =>
  shop.inventory.reserve({ holdId, lines, ttlMs: TIMES.ttlMs });

async function setActive(locationId: string, active: boolean): Promise<void> {
  await query('UPDATE locations SET active = $2 WHERE id = $1', [locationId, active]);
  await shop.get(Locations).refresh();
}

describe('a hold over two locations', () => {
  test('is whole at the first in rank when that has enough', async () => {
    const variantId = await lying(5, 5);
    expect(await hold([{ variantId, quantity: 5 }])).toMatchObject({
      held: [{ variantId, locationId: NORTH, quantity: 5 }],
    });
    expect(await availableOf(variantId)).toBe(5);
  });

  test('takes the rest from the next one; the same request is answered the same', async () => {
    const variantId = await lying(2, 5);
    const alone = await lying(0, 1);
    const [holdId, lines] = [
      randomUUID(),
      [variantId, alone].map((id) => ({ variantId: id, quantity: id === alone ? 1 : 4 })),
    ];
    const expected = expect.arrayContaining([
      { variantId, locationId: NORTH, quantity: 2 },
      { variantId, locationId: SOUTH, quantity: 2 },
      { variantId: alone, locationId: SOUTH, quantity: 1 },
    ]);
    expect(await hold(lines, holdId)).toMatchObject({ kind: 'reserved', held: expected });
    expect(await hold(lines, holdId)).toMatchObject({ kind: 'reserved', held: expected });
    expect(await availableOf(variantId)).toBe(3);
    expect(await availableOf(alone)).toBe(0);
  });

  test('is refused whole when all of them together have too little', async () => {
    const variantId = await lying(2, 3);
    const plenty = await lying(9);
    const lines = [variantId, plenty].map((id) => ({ variantId: id, quantity: 6 }));
    expect(await hold(lines)).toEqual({ kind: 'short', lines: [{ variantId, requested: 6, available: 5 }] });
    expect(await availableOf(plenty)).toBe(9);
  });

  test('counts what is held in all: what one location lacks no other has', async () => {
    const variantId = await lying(3, 3);
    await hold([{ variantId, quantity: 3 }]);
    await query(
      'UPDATE inventory_levels SET on_hand = 1, version = version + 1 WHERE variant_id = $1 AND location_id = $2',
      [variantId, NORTH],
    );
    await shop.mirror.refresh([variantId]);
    expect(await availableOf(variantId)).toBe(1);
    expect(await hold([{ variantId, quantity: 2 }])).toMatchObject({ kind: 'short', lines: [{ available: 1 }] });
    expect(await hold([{ variantId, quantity: 1 }])).toMatchObject({ held: [{ locationId: SOUTH }] });
  });

  test('shoppers are told of what is left where nothing may be owed, and then that nothing is', async () => {
    const variantId = await lying(4, 2);
    await query(
      `UPDATE inventory_levels SET policy = 'backorder', backorder_limit = 3, version = version + 1
       WHERE variant_id = $1 AND location_id = $2`,
      [variantId, NORTH],
    );
    const told = async () => (await shop.inventory.availability([variantId]))[0];
    for (const quantity of [4, 1, 1, 1]) await hold([{ variantId, quantity }]);
    expect(await told()).toMatchObject({ available: 2, state: 'low' });
    for (let n = 0; n < 2; n++)
      expect(await hold([{ variantId, quantity: 1 }])).toMatchObject({ held: [{ locationId: SOUTH }] });
    expect(await told()).toMatchObject({ available: 0, state: 'out' });
    expect(await hold([{ variantId, quantity: 1 }])).toMatchObject({ kind: 'short', lines: [{ available: 0 }] });
  });

  test.each(['extended', 'released', 'ordered'] as const)(
    'is %s where it lies, also when that is used no more',
    async (what) => {
      const variantId = await lying(2, 5);
      const [holdId, lines] = [randomUUID(), [{ variantId, quantity: 4 }]];
      await hold(lines, holdId);
      await setActive(SOUTH, false);
      try {
        if (what === 'extended') {
          const longer = { ...TIMES, ttlMs: 300_000, lines };
          expect(await shop.inventory.extend(holdId, longer)).toMatchObject({ kind: 'extended' });
        } else if (what === 'released') {
          expect(await shop.inventory.release(holdId, lines, 'test')).toEqual({ kind: 'released' });
        } else {
          await shop.inventory.commitOrder(randomUUID(), holdId);
        }
        expect(await availableOf(variantId)).toBe(what === 'extended' ? 0 : 2);
      } finally {
        await setActive(SOUTH, true);
      }
      expect(await availableOf(variantId)).toBe(what === 'extended' ? 3 : 7);
      await shop.inventory.release(holdId, lines, 'the end');
      expect(await availableOf(variantId)).toBe(7);
    },
  );

  test('is restored where there is room, and at the first in rank where there is none', async () => {
    const variantId = await lying(2, 5);
    const restored = (quantity: number) =>
      shop.get(RedisHolds).restore({
        holdId: randomUUID(),
        lines: [{ variantId, quantity }],
        ttlMs: TIMES.ttlMs,
        spanMs: TIMES.ttlMs,
      });
    await restored(4);
    expect(await availableOf(variantId)).toBe(3);
    await restored(4);
    expect(await availableOf(variantId)).toBe(0);
  });

  test('becomes an order of both', async () => {
    const variantId = await lying(2, 5);
    const [holdId, orderId, lines] = [randomUUID(), randomUUID(), [{ variantId, quantity: 4 }]];
    await hold(lines, holdId);
    expect(await allocate(lines, orderId)).toMatchObject({ kind: 'allocated' });
    await shop.inventory.commitOrder(orderId, holdId);
    expect(await availableOf(variantId)).toBe(3);
    expect(await shop.reconciliation.reconcile()).toMatchObject({ differing: 0 });
  });

  test('sells what an import reports of a place that was known to have none', async () => {
    const variantId = await lying(0, 2);
    await query('DELETE FROM inventory_levels WHERE variant_id = $1 AND location_id = $2', [variantId, NORTH]);
    expect(await availableOf(variantId)).toBe(2);
    await receive(row({ variantId, onHand: 5 }));
    const [{ payload }] = await eventsOf(variantId);
    await shop.get(LevelMirror).refresh(payload.variantIds);
    expect(await availableOf(variantId)).toBe(7);
    expect(await hold([{ variantId, quantity: 7 }])).toMatchObject({ kind: 'reserved' });
  });

  test('is not offered from a place that is not active, in PostgreSQL neither', async () => {
    const variantId = await lying(2, 5);
    const inPostgres = async () => [...(await shop.get(StandbyHolds).counted([variantId])).values()].flat();
    expect((await inPostgres()).map(({ onHand }) => onHand)).toEqual([2, 5]);
    await setActive(SOUTH, false);
    expect((await inPostgres()).map(({ onHand }) => onHand)).toEqual([2]);
    await setActive(SOUTH, true);
  });
});

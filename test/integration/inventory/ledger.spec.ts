// Whatever people, imports, orders and returns do to levels, several at a time: the ledger explains every number.
import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { LevelSettingsService } from '../../../src/inventory/administration/level-settings.service.js';
import { Locations } from '../../../src/inventory/locations/locations.service.js';
import { AppError } from '../../../src/platform/errors.js';
import { createRandom } from '../../support/random.js';
import { shop, useStockProcess } from './stock-rig.js';
import { stockTools } from './stock-tools.js';

const ROUNDS = 40;
const AT_ONCE = 6;

useStockProcess();
const { row, receive, stocked, allocate, query } = stockTools(() => shop);

const LEVELS = `
  SELECT l.variant_id || ' ' || l.location_id AS id, l.on_hand, l.backordered, l.version::int, l.hold_limit,
    coalesce(sum(m.quantity), 0)::int AS ledger, coalesce(sum(m.backordered), 0)::int AS ledger_owed
  FROM inventory_levels l LEFT JOIN stock_movements m USING (variant_id, location_id)
  GROUP BY l.variant_id, l.location_id ORDER BY 1`;
/** Orders that gave back more than they took of a level. */
const OVERDRAWN = `
  SELECT order_id FROM stock_movements WHERE order_id IS NOT NULL
  GROUP BY order_id, variant_id, location_id HAVING sum(quantity - backordered) > 0`;

test('on hand and owed are sums of the ledger, and versions grow with every change', async () => {
  const random = createRandom('the ledger explains every number');
  await query(
    `INSERT INTO locations (id, code, name, rank) VALUES (gen_random_uuid(), 'a', 'A', -1), (gen_random_uuid(), 'b', 'B', 1)`,
  );
  await shop.get(Locations).refresh();
  const variants = [await stocked(5), await stocked(5, { policy: 'backorder' }), await stocked(0)];
  const orders: string[] = [];
  const codes = ['a', 'b', 'main'];
  const settings = shop.get(LevelSettingsService);
  const reference = () => ({ variant: { variantId: random.pick(variants) }, location: random.pick(codes) });

  const steps: (() => Promise<unknown>)[] = [
    () => shop.administration.adjust({ ...reference(), change: { delta: random.integer(-3, 6) || 1 }, reason: 'r' }),
    () => shop.administration.adjust({ ...reference(), change: { onHand: random.integer(0, 8) }, reason: 'r' }),
    () => {
      const { variant, location: from } = reference();
      return shop.administration.transfer({
        variant,
        from,
        to: random.pick(codes),
        quantity: random.integer(1, 3),
        reason: 'r',
      });
    },
    () =>
      settings.change({
        ...reference(),
        settings: {
          policy: random.pick(['deny', 'backorder'] as const),
          safetyStock: random.integer(0, 2),
          backorderLimit: random.pick([null, 0, 3, 8]),
        },
      }),
    () =>
      receive(
        row({ variantId: random.pick(variants), onHand: random.integer(0, 9), policy: undefined, tracked: undefined }),
      ),
    async () => {
      const orderId = randomUUID();
      const lines = random.shuffle(variants).slice(0, random.integer(1, 3));
      await allocate(
        lines.map((variantId) => ({ variantId, quantity: random.integer(1, 5) })),
        orderId,
      );
      orders.push(orderId);
    },
    () => {
      if (orders.length === 0) return Promise.resolve();
      const lines = [{ variantId: random.pick(variants), quantity: random.integer(1, 4) }];
      const orderId = random.pick(orders);
      return shop.database.transaction((tx) =>
        shop.inventory.restock(tx, orderId, random.integer(0, 2) ? lines : undefined),
      );
    },
  ];

  const seen = new Map<string, { version: number; mirrored: string }>();
  let changes = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const outcomes = await Promise.allSettled(Array.from({ length: AT_ONCE }, () => random.pick(steps)()));
    for (const outcome of outcomes) {
      // Only refusals, never a violated constraint or a deadlock.
      if (outcome.status === 'rejected' && !(outcome.reason instanceof AppError)) throw outcome.reason;
    }
    for (const level of await query(LEVELS)) {
      expect({ onHand: level.on_hand, owed: level.backordered }).toEqual({
        onHand: level.ledger,
        owed: level.ledger_owed,
      });
      const before = seen.get(level.id);
      const mirrored = JSON.stringify([level.on_hand, level.hold_limit]);
      if (before && before.mirrored !== mirrored) {
        expect(level.version).toBeGreaterThan(before.version);
        changes += 1;
      }
      seen.set(level.id, { version: level.version, mirrored });
    }
    expect(await query(OVERDRAWN)).toEqual([]);
  }
  expect(changes).toBeGreaterThan(ROUNDS);
  expect(orders.length).toBeGreaterThan(5);
});

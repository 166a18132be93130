import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { pgFailure } from '../../../src/platform/database/database.js';
import { createRandom } from '../../support/random.js';
import { shop, useStockProcess } from './stock-rig.js';
import { stockTools } from './stock-tools.js';

useStockProcess();
const { row, receive, stocked, allocate, query, ledgerOf, levelOf, availableOf, eventsOf } = stockTools(() => shop);

describe('the ledger', () => {
  test.each(['UPDATE stock_movements SET quantity = 1', 'DELETE FROM stock_movements'])('refuses %s', async (sql) => {
    await stocked(1);
    const refused: unknown = await shop.database.pool.query(sql).catch((error: unknown) => error);
    expect(pgFailure(refused)?.code).toBe('23001');
  });

  test('has one allocation for an order and a variant, whatever is repeated', async () => {
    const variantId = await stocked(5);
    const orderId = randomUUID();
    await allocate([{ variantId, quantity: 1 }], orderId);
    await expect(allocate([{ variantId, quantity: 1 }], orderId)).rejects.toThrow();
    expect(await levelOf(variantId)).toMatchObject({ onHand: 4 });
  });
});

describe('allocating', () => {
  test('takes all lines, those of one variant together', async () => {
    const [a, b] = [await stocked(5), await stocked(5)];
    const result = await allocate([
      { variantId: a, quantity: 2 },
      { variantId: b, quantity: 1 },
      { variantId: a.toUpperCase(), quantity: 3 },
    ]);
    const levels = result.kind === 'allocated' ? result.levels : [];
    expect(new Map(levels.map((level) => [level.variantId, [level.onHand, level.version]]))).toEqual(
      new Map([
        [a, [0, 2]],
        [b, [4, 2]],
      ]),
    );
  });

  test('writes nothing when a line is short, and says which', async () => {
    const [a, b, unknown] = [await stocked(5), await stocked(1), randomUUID()];
    const result = await allocate([
      { variantId: a, quantity: 1 },
      { variantId: b, quantity: 2 },
      { variantId: unknown, quantity: 1 },
    ]);
    expect(result.kind).toBe('short');
    expect(result.kind === 'short' && [...result.lines].sort((x, y) => y.available - x.available)).toEqual([
      { variantId: b, requested: 2, available: 1 },
      { variantId: unknown, requested: 1, available: 0 },
    ]);
    expect(await levelOf(a)).toMatchObject({ onHand: 5, version: 1 });
  });

  test('a backorder takes what is there and owes the rest; an untracked variant takes nothing', async () => {
    const waits = await stocked(2, { policy: 'backorder' });
    const uncounted = await stocked(0, { tracked: false });
    const orderId = randomUUID();
    const lines = [
      { variantId: waits, quantity: 5 },
      { variantId: uncounted, quantity: 5 },
    ];
    expect(await allocate(lines, orderId)).toMatchObject({ levels: [{ variantId: waits, onHand: 0, version: 2 }] });
    const ledger = 'SELECT variant_id, quantity, backordered FROM stock_movements WHERE order_id = $1';
    expect(await query(ledger, [orderId])).toEqual([{ variant_id: waits, quantity: -2, backordered: 3 }]);
    const second = randomUUID();
    await allocate([{ variantId: waits, quantity: 1 }], second);
    expect(await query(ledger, [second])).toEqual([{ variant_id: waits, quantity: 0, backordered: 1 }]);
  });

  test('a hundred buyers with carts in any order: no deadlock, nothing oversold, the ledger is right', async () => {
    const random = createRandom('a hundred buyers');
    const variants = await Promise.all(Array.from({ length: 10 }, () => stocked(20)));
    const buyer = async () => {
      const wanted = random.shuffle(variants).slice(0, random.integer(1, 5));
      const lines = wanted.map((variantId) => ({ variantId, quantity: random.integer(1, 3) }));
      const { kind } = await allocate(lines);
      return { kind, lines };
    };
    // Imports and administrators change the same levels meanwhile.
    const intruder = async (variantId: string) => {
      await receive(...random.shuffle(variants).map((id) => row({ variantId: id, onHand: undefined, policy: 'deny' })));
      await shop.administration.adjust({ variant: { variantId }, change: { delta: 1 }, reason: 'found one' });
    };
    const [bought] = await Promise.all([
      Promise.all(Array.from({ length: 100 }, buyer)),
      Promise.all(variants.map(intruder)),
    ]);
    expect(bought.some(({ kind }) => kind === 'allocated')).toBe(true);
    expect(bought.some(({ kind }) => kind === 'short')).toBe(true);
    for (const variantId of variants) {
      const taken = bought
        .filter(({ kind }) => kind === 'allocated')
        .flatMap(({ lines }) => lines.filter((line) => line.variantId === variantId))
        .reduce((sum, { quantity }) => sum + quantity, 0);
      const movements = await ledgerOf(variantId);
      const sum = movements.reduce((total, [, quantity]) => total + Number(quantity), 0);
      const level = await levelOf(variantId);
      expect(level?.onHand).toBe(21 - taken);
      expect(sum).toBe(level?.onHand);
      // Version order is commit order: one movement for each version, none missing.
      expect(movements.map(([, , , version]) => version)).toEqual(movements.map((_, i) => i + 1));
    }
  });
});

describe('adjusting by hand', () => {
  test('a difference or a count, by id or SKU, at the default location or one that is named', async () => {
    const variantId = await stocked(5, { sku: 'ADJ-1' });
    const adjust = shop.administration.adjust.bind(shop.administration);
    expect(await adjust({ variant: { sku: 'ADJ-1' }, change: { delta: 3 }, reason: 'found' })).toMatchObject({
      before: 5,
      onHand: 8,
      version: 2,
    });
    expect(await availableOf(variantId)).toBe(8);
    await adjust({ variant: { variantId }, location: 'main', change: { onHand: 2 }, reason: 'counted' });
    await adjust({ variant: { variantId }, change: { onHand: 2 }, reason: 'counted again' });
    expect(await ledgerOf(variantId)).toEqual([
      ['receipt', 5, 'delivery', 1],
      ['receipt', 3, 'found', 2],
      ['correction', -6, 'counted', 3],
    ]);
    expect(await eventsOf(variantId)).toHaveLength(2);
    await expect(adjust({ variant: { variantId }, change: { delta: -3 }, reason: 'lost' })).rejects.toMatchObject({
      code: 'validation_failed',
    });
    await expect(
      adjust({ variant: { variantId }, change: { delta: 1_000_000_000 }, reason: 'too many' }),
    ).rejects.toMatchObject({ code: 'validation_failed' });
    await expect(
      adjust({ variant: { variantId: randomUUID() }, change: { delta: 1 }, reason: 'x' }),
    ).rejects.toMatchObject({ code: 'not_found' });
    await expect(
      adjust({ variant: { variantId }, location: 'nowhere', change: { delta: 1 }, reason: 'x' }),
    ).rejects.toMatchObject({ code: 'not_found' });
  });
});

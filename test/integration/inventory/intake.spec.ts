// Stock as imports of the catalogue report it.
import { describe, expect, test } from '@jest/globals';
import { shop, useStockProcess } from './stock-rig.js';
import { stockTools } from './stock-tools.js';

useStockProcess();
const { row, receive, allocate, ledgerOf, levelOf, eventsOf } = stockTools(() => shop);

describe('what the catalogue reports', () => {
  test('is a receipt at first, a correction later, and nothing when nothing changed', async () => {
    const given = row({ onHand: 7 });
    await receive(given);
    await receive(given);
    await receive({ ...given, onHand: undefined });
    expect(await ledgerOf(given.variantId)).toEqual([['receipt', 7, 'delivery', 1]]);
    expect(await eventsOf(given.variantId)).toEqual([]);

    await receive({ ...given, onHand: 4 });
    expect(await ledgerOf(given.variantId)).toEqual([
      ['receipt', 7, 'delivery', 1],
      ['correction', -3, 'delivery', 2],
    ]);
    expect(await levelOf(given.variantId)).toMatchObject({ onHand: 4, version: 2 });
    expect((await eventsOf(given.variantId))[0].payload).toEqual({ variantIds: [given.variantId] });
  });

  test('a changed policy is a new version without a movement', async () => {
    const given = row();
    await receive(given);
    await receive({ ...given, policy: 'backorder', tracked: false });
    expect(await levelOf(given.variantId)).toMatchObject({ version: 2, policy: 'backorder', tracked: false });
    expect(await ledgerOf(given.variantId)).toHaveLength(1);
  });

  test('a SKU moves to the variant that has it now, without a new version of its stock', async () => {
    const [a, b] = [row({ sku: 'MOVES-1' }), row({ sku: 'MOVES-2' })];
    await receive(a, b);
    await receive({ ...a, sku: 'MOVES-2' });
    expect(await shop.references.variantIdOf({ sku: 'MOVES-2' })).toBe(a.variantId);
    await expect(shop.references.variantIdOf({ sku: 'MOVES-1' })).rejects.toMatchObject({ code: 'not_found' });
    await receive({ ...a, sku: 'MOVES-1' }, { ...b, sku: 'MOVES-2' });
    await receive({ ...a, sku: 'MOVES-2' }, { ...b, sku: 'MOVES-1' });
    expect(await shop.references.variantIdOf({ sku: 'MOVES-1' })).toBe(b.variantId);
    expect(await levelOf(a.variantId)).toMatchObject({ version: 1 });
  });

  test('a quantity that the last import has said already does not put back what was sold since', async () => {
    const given = row({ onHand: 5 });
    await receive(given);
    await allocate([{ variantId: given.variantId, quantity: 3 }]);
    await receive(given);
    expect(await levelOf(given.variantId)).toMatchObject({ onHand: 2, version: 2 });
    await receive({ ...given, onHand: 6 });
    expect(await levelOf(given.variantId)).toMatchObject({ onHand: 6, version: 3 });
    await receive({ ...given, onHand: undefined });
    await receive({ ...given, onHand: 6 });
    expect(await levelOf(given.variantId)).toMatchObject({ onHand: 6, version: 3 });
  });

  test('is rolled back with the import', async () => {
    const given = row();
    const failing = shop.database.transaction(async (tx) => {
      await shop.intake.receive(tx, [given], 'delivery');
      throw new Error('the import fails');
    });
    await expect(failing).rejects.toThrow('the import fails');
    expect(await levelOf(given.variantId)).toBeUndefined();
  });

  test.each([-1, 1.5, 2_000_000_000])('an onHand of %p is refused', async (onHand) => {
    await expect(receive(row({ onHand }))).rejects.toThrow(RangeError);
  });

  test('a variant must not come twice', async () => {
    const given = row();
    await expect(receive(given, given)).rejects.toThrow(RangeError);
  });
});

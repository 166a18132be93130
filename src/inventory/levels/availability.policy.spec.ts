import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { availabilityOf, type CountedStock } from './availability.policy.js';

const stock: CountedStock = {
  onHand: 10,
  sellable: 10,
  held: 0,
  tracked: true,
  holdLimit: 10,
  lowStockThreshold: null,
};
const backorder = { ...stock, holdLimit: null };
const LOW = 5;

describe('availability', () => {
  test.each([
    ['plenty', stock, 10, 'in_stock'],
    ['just above the threshold', { ...stock, held: 4 }, 6, 'in_stock'],
    ['at the threshold', { ...stock, held: 5 }, 5, 'low'],
    ['the last one', { ...stock, held: 9 }, 1, 'low'],
    ['all held', { ...stock, held: 10 }, 0, 'out'],
    ['more held than there is', { ...stock, onHand: 3, sellable: 3, holdLimit: 3, held: 5 }, 0, 'out'],
    ['at its own threshold', { ...stock, lowStockThreshold: 10 }, 10, 'low'],
    ['below the threshold, above its own', { ...stock, held: 6, lowStockThreshold: 3 }, 4, 'in_stock'],
    ['never low by its own threshold', { ...stock, held: 9, lowStockThreshold: 0 }, 1, 'in_stock'],
    ['some kept as safety stock', { ...stock, sellable: 7, holdLimit: 7 }, 7, 'in_stock'],
    ['safety stock where some may be owed', { ...stock, sellable: 7, holdLimit: 8 }, 7, 'in_stock'],
    ['safety stock where any number may be owed', { ...backorder, sellable: 7 }, 7, 'in_stock'],
    ['nothing left but the safety stock, some may be owed', { ...backorder, sellable: 7, held: 7 }, 0, 'backorder'],
    ['Redis has no sellable units of it yet', { ...stock, sellable: null, held: 4 }, 6, 'in_stock'],
    [
      'safety stock, and Redis has the level from before it had sellable units',
      { ...stock, sellable: null, holdLimit: 3 },
      3,
      'low',
    ],
    ['sold out, orders wait', { ...backorder, onHand: 0, sellable: 0 }, 0, 'backorder'],
    ['backorder with stock', backorder, 10, 'in_stock'],
    [
      'sold out, some may still be owed',
      { ...backorder, onHand: 0, sellable: 0, holdLimit: 3, held: 2 },
      0,
      'backorder',
    ],
    ['sold out, nothing more may be owed', { ...backorder, onHand: 0, sellable: 0, holdLimit: 3, held: 3 }, 0, 'out'],
    ['nobody counts it', { ...stock, onHand: 0, sellable: null, tracked: false }, null, 'in_stock'],
  ])('%s', (_, given, available, state) => {
    expect(availabilityOf('v', [given], LOW)).toEqual({ variantId: 'v', available, state });
  });

  test('nobody ever reported it', () => {
    expect(availabilityOf('v', [], LOW)).toEqual({ variantId: 'v', available: 0, state: 'out' });
  });

  test('what several locations have and lack is added up', () => {
    const locations = [
      { ...stock, held: 8 },
      { ...stock, onHand: 1, sellable: 1, holdLimit: 1, held: 3 },
      { ...stock, held: 5 },
    ];
    expect(availabilityOf('v', locations, LOW)).toMatchObject({ available: 5, state: 'low' });
    const [first, ...others] = locations;
    expect(availabilityOf('v', [{ ...first!, lowStockThreshold: 2 }, ...others], 2)).toMatchObject({
      state: 'in_stock',
    });
    expect(availabilityOf('v', [{ ...first!, lowStockThreshold: 8 }, ...others], 2)).toMatchObject({ state: 'low' });
  });

  test('what is held as a backorder of one location is left at another', () => {
    const first = { ...stock, onHand: 4, sellable: 4, holdLimit: 7, held: 7 };
    const second = { ...stock, onHand: 2, sellable: 2, holdLimit: 2 };
    expect(availabilityOf('v', [first, second], LOW)).toMatchObject({ available: 2, state: 'low' });
    expect(availabilityOf('v', [first, { ...second, held: 2 }], LOW)).toMatchObject({ available: 0, state: 'out' });
    expect(
      availabilityOf(
        'v',
        [
          { ...first, held: 6 },
          { ...second, held: 2 },
        ],
        LOW,
      ),
    ).toMatchObject({
      state: 'backorder',
    });
  });

  test('is never more than can be held, and out exactly when nothing can', () => {
    const few = fc.nat({ max: 6 });
    const level = fc
      .record({ sellable: few, safety: few, mayBeOwed: fc.option(few), held: fc.nat({ max: 15 }) })
      .map(({ sellable, safety, mayBeOwed, held }) => ({
        ...stock,
        onHand: sellable + safety,
        sellable,
        held,
        holdLimit: mayBeOwed === null ? null : sellable + mayBeOwed,
      }));
    fc.assert(
      fc.property(fc.array(level, { maxLength: 3 }), (levels) => {
        const { available, state } = availabilityOf('v', levels, LOW);
        // As choosePlaces of lua/shared/taking-stock.lua adds it up.
        const left = levels.reduce(
          (sum, { holdLimit, held }) => sum + (holdLimit ?? Number.POSITIVE_INFINITY) - held,
          0,
        );
        expect(available).toBeLessThanOrEqual(Math.max(0, left));
        expect(state === 'out').toBe(left <= 0);
      }),
    );
  });
});

import { describe, expect, test } from '@jest/globals';
import { availabilityOf } from './availability.policy.js';

const stock = {
  onHand: 10,
  held: 0,
  policy: 'deny' as const,
  tracked: true,
  holdLimit: 10 as number | null,
  lowStockThreshold: null as number | null,
};
const backorder = { ...stock, policy: 'backorder' as const, holdLimit: null };
const LOW = 5;

describe('availability', () => {
  test.each([
    ['plenty', stock, 10, 'in_stock'],
    ['just above the threshold', { ...stock, held: 4 }, 6, 'in_stock'],
    ['at the threshold', { ...stock, held: 5 }, 5, 'low'],
    ['the last one', { ...stock, held: 9 }, 1, 'low'],
    ['all held', { ...stock, held: 10 }, 0, 'out'],
    ['more held than there is', { ...stock, onHand: 3, holdLimit: 3, held: 5 }, 0, 'out'],
    ['at its own threshold', { ...stock, lowStockThreshold: 10 }, 10, 'low'],
    ['below the threshold, above its own', { ...stock, held: 6, lowStockThreshold: 3 }, 4, 'in_stock'],
    ['never low by its own threshold', { ...stock, held: 9, lowStockThreshold: 0 }, 1, 'in_stock'],
    ['some kept as safety stock', { ...stock, holdLimit: 7 }, 7, 'in_stock'],
    ['sold out, orders wait', { ...backorder, onHand: 0 }, 0, 'backorder'],
    ['backorder with stock', backorder, 10, 'in_stock'],
    ['sold out, some may still be owed', { ...backorder, onHand: 0, holdLimit: 3, held: 2 }, 0, 'backorder'],
    ['sold out, nothing more may be owed', { ...backorder, onHand: 0, holdLimit: 3, held: 3 }, 0, 'out'],
    ['nobody counts it', { ...stock, onHand: 0, tracked: false }, null, 'in_stock'],
  ])('%s', (_, given, available, state) => {
    expect(availabilityOf('v', [given], LOW)).toEqual({ variantId: 'v', available, state });
  });

  test('nobody ever reported it', () => {
    expect(availabilityOf('v', [], LOW)).toEqual({ variantId: 'v', available: 0, state: 'out' });
  });

  test('what several locations have and lack is added up', () => {
    const locations = [
      { ...stock, held: 8 },
      { ...stock, onHand: 1, holdLimit: 1, held: 3 },
      { ...stock, held: 5 },
    ];
    expect(availabilityOf('v', locations, LOW)).toMatchObject({ available: 5, state: 'low' });
    const [first, ...others] = locations;
    expect(availabilityOf('v', [{ ...first!, lowStockThreshold: 2 }, ...others], 2)).toMatchObject({
      state: 'in_stock',
    });
    expect(availabilityOf('v', [{ ...first!, lowStockThreshold: 8 }, ...others], 2)).toMatchObject({ state: 'low' });
  });
});

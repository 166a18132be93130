import { expect, test } from '@jest/globals';
import { crossingOf } from './stock-crossings.js';

test.each([
  [10, 6, undefined],
  [6, 5, 'inventory.low-stock'],
  [5, 4, undefined],
  [4, 6, undefined],
  [4, 0, 'inventory.out-of-stock'],
  [10, 0, 'inventory.out-of-stock'],
  [0, 0, undefined],
  [0, 1, 'inventory.back-in-stock'],
  [0, 10, 'inventory.back-in-stock'],
  [null, 10, undefined],
  [null, 5, 'inventory.low-stock'],
  [null, 0, 'inventory.out-of-stock'],
  [0, null, 'inventory.back-in-stock'],
  [3, null, undefined],
] as const)('from %p to %p units: %p', (before, after, crossing) => {
  expect(crossingOf(before, after, 5)).toBe(crossing);
});

test('a threshold of 0 knows no low stock', () => {
  expect(crossingOf(1, 0, 0)).toBe('inventory.out-of-stock');
  expect(crossingOf(2, 1, 0)).toBeUndefined();
});

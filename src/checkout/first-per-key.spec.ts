import { expect, test } from '@jest/globals';
import { firstPerKey } from './first-per-key.js';

test('of the items with one key the first is taken, and their order kept', () => {
  expect(firstPerKey(['b1', 'a1', 'b2', 'c1', 'a2'], (item) => item.slice(0, 1))).toEqual(['b1', 'a1', 'c1']);
  expect(firstPerKey([], String)).toEqual([]);
});

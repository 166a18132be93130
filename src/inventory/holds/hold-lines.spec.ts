import { describe, expect, test } from '@jest/globals';
import { fingerprintOf, MAX_HOLD_LINES, readHoldLines, toHoldLines, writeHoldLines } from './hold-lines.js';

const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

describe('lines of a hold', () => {
  test('are added up by variant, whatever the case of its id, and sorted', () => {
    const lines = toHoldLines([
      { variantId: id(2), quantity: 1 },
      { variantId: 'ABCDEF00-0000-4000-8000-000000000000', quantity: 2 },
      { variantId: id(1), quantity: 3 },
      { variantId: 'abcdef00-0000-4000-8000-000000000000', quantity: 4 },
    ]);
    expect(lines.map(({ variantId, quantity }) => [variantId, quantity])).toEqual([
      [id(1), 3],
      [id(2), 1],
      ['abcdef00-0000-4000-8000-000000000000', 6],
    ]);
  });

  test.each([0, -1, 1.5, Number.NaN, 1e10])('refuse a quantity of %p', (quantity) => {
    expect(() => toHoldLines([{ variantId: id(1), quantity }])).toThrow(RangeError);
  });

  test('refuse a sum that is absurd', () => {
    const line = { variantId: id(1), quantity: 600_000_000 };
    expect(() => toHoldLines([line, line])).toThrow(RangeError);
  });

  test(`are 1 to ${MAX_HOLD_LINES} different variants`, () => {
    const lines = Array.from({ length: MAX_HOLD_LINES + 1 }, (_, n) => ({ variantId: id(n), quantity: 1 }));
    expect(toHoldLines(lines.slice(1))).toHaveLength(MAX_HOLD_LINES);
    expect(() => toHoldLines(lines)).toThrow(RangeError);
    expect(() => toHoldLines([])).toThrow(RangeError);
  });

  test('have one fingerprint in any order, and another for another quantity', () => {
    const a = { variantId: id(1), quantity: 1 };
    const b = { variantId: id(2), quantity: 2 };
    expect(fingerprintOf(toHoldLines([a, b]))).toBe(fingerprintOf(toHoldLines([b, a])));
    expect(fingerprintOf(toHoldLines([a, b]))).not.toBe(fingerprintOf(toHoldLines([a, { ...b, quantity: 3 }])));
    // The text is cut out of records by `|`.
    expect(fingerprintOf(toHoldLines([a, b]))).toMatch(/^[\w-]{16}$/);
  });

  test('survive being written into a record', () => {
    const lines = toHoldLines([
      { variantId: id(1), quantity: 1 },
      { variantId: id(2), quantity: 20 },
    ]);
    expect(readHoldLines(writeHoldLines(lines))).toEqual(lines);
    expect(() => readHoldLines('a:b')).toThrow('cannot be read');
  });
});

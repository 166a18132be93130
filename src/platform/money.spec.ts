import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatMinor, mulDivRound, parseMinor, spreadByLargestRemainder } from './money.js';

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
console.info(`money.spec seed: ${seed}`);
const currency = fc.constantFrom('USD', 'JPY', 'KWD');

describe('reading decimals', () => {
  test.each([
    ['19.99', 'USD', 1999],
    ['19.9', 'USD', 1990],
    ['19.900', 'USD', 1990],
    ['0.5', 'KWD', 500],
    ['500', 'JPY', 500],
    ['500.00', 'JPY', 500],
    [' 7 ', 'USD', 700],
  ])('%s %s', (text, code, minor) => expect(parseMinor(text, code)).toBe(minor));

  test.each(['', '-1', '1,5', '1.999', '1e3', '.5', '1.', 'NaN', '9999999999999'])('%p is none', (text) => {
    expect(parseMinor(text, 'USD')).toBeUndefined();
  });

  test('what is written can be read again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000_000 }), currency, (minor, code) => {
        expect(parseMinor(formatMinor(minor, code), code)).toBe(minor);
      }),
      { seed },
    );
  });
});

describe('spreading', () => {
  test('parts add up to the total and are within one unit of their share', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 20 }),
        (total, weights) => {
          const parts = spreadByLargestRemainder(total, weights);
          expect(parts.reduce((a, b) => a + b, 0)).toBe(total);
          const sum = weights.reduce((a, b) => a + b, 0);
          if (sum === 0) return;
          for (const [i, part] of parts.entries()) {
            expect(Math.abs(part - (total * weights[i]!) / sum)).toBeLessThan(1);
          }
        },
      ),
      { seed },
    );
  });

  test('the odd unit goes to the largest remainder, then to the earlier part', () => {
    expect(spreadByLargestRemainder(10, [1, 1, 1])).toEqual([4, 3, 3]);
    expect(spreadByLargestRemainder(5, [1, 2])).toEqual([2, 3]);
    expect(spreadByLargestRemainder(5, [])).toEqual([]);
  });
});

test('rounding is exact, halves away from zero', () => {
  expect(mulDivRound(5, 1, 2)).toBe(3);
  expect(mulDivRound(-5, 1, 2)).toBe(-3);
  expect(mulDivRound(999_999_999_999, 1_900, 10_000)).toBe(190_000_000_000);
});

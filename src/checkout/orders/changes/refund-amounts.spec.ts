import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type RefundedLine, refundOf } from './refund-amounts.js';

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

type Line = Parameters<typeof refundOf>[0];

/** The line after refunds that were not refused. */
function lineAfter(line: Pick<Line, 'quantity' | 'taxMinor' | 'totalMinor'>, given: readonly RefundedLine[]): Line {
  const sum = (of: (refund: RefundedLine) => number) => given.reduce((total, one) => total + of(one), 0);
  return {
    ...line,
    position: 0,
    refunded: sum((one) => one.quantity),
    refundedMinor: sum((one) => one.amountMinor),
    refundedTaxMinor: sum((one) => one.taxMinor),
    unshipped: 0,
  };
}

test('three units for 10.00 are worth 3.33, 3.34 and 3.33', () => {
  const line = { quantity: 3, taxMinor: 160, totalMinor: 1_000 };
  const given: RefundedLine[] = [];
  for (let unit = 0; unit < 3; unit += 1) given.push(refundOf(lineAfter(line, given), 1));
  expect(given.map(({ amountMinor }) => amountMinor)).toEqual([333, 334, 333]);
  expect(given.map(({ taxMinor }) => taxMinor)).toEqual([53, 54, 53]);
});

test('units that were not shipped are given up first', () => {
  const line = { ...lineAfter({ quantity: 5, taxMinor: 0, totalMinor: 500 }, []), unshipped: 2 };
  expect([1, 2, 3].map((quantity) => refundOf(line, quantity).unshipped)).toEqual([1, 2, 2]);
});

test('in whatever parts a line is refunded, also when some are refused and asked for again, they add up to what was paid', () => {
  const part = fc.record({ quantity: fc.integer({ min: 1, max: 50 }), isRefusedLater: fc.boolean() });
  const arbitrary = fc.record({
    parts: fc.array(part, { minLength: 1, maxLength: 20 }),
    totalMinor: fc.oneof(fc.nat(200), fc.nat(10_000_000)),
    taxShare: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(arbitrary, ({ parts, totalMinor, taxShare }) => {
      const quantity = parts.reduce((sum, one) => sum + one.quantity, 0);
      const line = { quantity, taxMinor: Math.floor(totalMinor * taxShare), totalMinor };
      const asked: RefundedLine[] = [];
      for (const one of parts) asked.push(refundOf(lineAfter(line, asked), one.quantity));
      const given = asked.filter((_, i) => !parts[i]?.isRefusedLater);
      for (const { quantity: again } of parts.filter(({ isRefusedLater }) => isRefusedLater)) {
        given.push(refundOf(lineAfter(line, given), again));
      }
      const after = lineAfter(line, given);
      expect(after).toMatchObject({ refunded: quantity, refundedMinor: totalMinor, refundedTaxMinor: line.taxMinor });
      expect(given.every(({ amountMinor, taxMinor }) => amountMinor >= 0 && taxMinor >= 0)).toBe(true);
    }),
    { seed },
  );
});

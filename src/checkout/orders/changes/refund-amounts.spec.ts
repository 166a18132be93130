import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { refundOf } from './refund-amounts.js';

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

test('three units for 10.00 are worth 3.33, 3.34 and 3.33', () => {
  const line = { position: 0, quantity: 3, taxMinor: 160, totalMinor: 1_000, unshipped: 3 };
  const parts = [0, 1, 2].map((refunded) => refundOf({ ...line, refunded }, 1));
  expect(parts.map(({ amountMinor }) => amountMinor)).toEqual([333, 334, 333]);
  expect(parts.map(({ taxMinor }) => taxMinor)).toEqual([53, 54, 53]);
});

test('in whatever parts a line is refunded, they add up to what was paid, and none is negative', () => {
  const arbitrary = fc.record({
    parts: fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 }),
    totalMinor: fc.integer({ min: 0, max: 10_000_000 }),
    taxShare: fc.double({ min: 0, max: 1, noNaN: true }),
    unshipped: fc.nat(100),
  });
  fc.assert(
    fc.property(arbitrary, ({ parts, totalMinor, taxShare, unshipped }) => {
      const quantity = parts.reduce((sum, part) => sum + part, 0);
      const taxMinor = Math.floor(totalMinor * taxShare);
      let left = Math.min(unshipped, quantity);
      let refunded = 0;
      const refunds = parts.map((part) => {
        const refund = refundOf({ position: 0, quantity, taxMinor, totalMinor, refunded, unshipped: left }, part);
        refunded += part;
        left -= refund.unshipped;
        return refund;
      });
      const sum = (of: (refund: (typeof refunds)[number]) => number) =>
        refunds.reduce((total, one) => total + of(one), 0);
      expect(sum(({ amountMinor }) => amountMinor)).toBe(totalMinor);
      expect(sum(({ taxMinor: part }) => part)).toBe(taxMinor);
      expect(left).toBe(0);
      expect(refunds.every(({ amountMinor, taxMinor: tax }) => amountMinor >= 0 && tax >= 0)).toBe(true);
    }),
    { seed },
  );
});

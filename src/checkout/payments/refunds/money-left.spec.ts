import { expect, test } from '@jest/globals';
import { moneyLeftMinor, refundedMinor, withheldMinor } from './money-left.js';

const refunds = [
  { state: 'requested', amountMinor: 100 },
  { state: 'refunded', amountMinor: 20 },
  { state: 'refused', amountMinor: 3 },
] as const;
const disputes = [
  { state: 'inquiry', amountMinor: 1 },
  { state: 'open', amountMinor: 200 },
  { state: 'won', amountMinor: 10 },
  { state: 'lost', amountMinor: 40 },
  { state: 'closed', amountMinor: 5 },
] as const;

test('a refund counts from when it is asked for, unless it was refused', () => {
  expect(refundedMinor({ refunds })).toBe(120);
});

test('a bank withholds what is disputed or lost, not what it only asks about or has given back', () => {
  expect(withheldMinor({ disputes })).toBe(240);
});

test('what is left is what was paid, less both', () => {
  expect(moneyLeftMinor(1_000, { refunds, disputes })).toBe(640);
  expect(moneyLeftMinor(300, { refunds, disputes })).toBe(-60);
  expect(moneyLeftMinor(1_000, { refunds: [], disputes: [] })).toBe(1_000);
});

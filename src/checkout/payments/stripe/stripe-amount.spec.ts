import { expect, test } from '@jest/globals';
import { fromStripeAmount, toStripeAmount } from './stripe-amount.js';

test.each([
  ['USD', 1999, 1999],
  ['JPY', 500, 500],
  ['ISK', 5, 500],
  ['UGX', 5, 500],
  ['MGA', 500, 5],
  ['KWD', 5120, 5120],
])('%s: %d minor units are %d at Stripe', (currency, minor, atStripe) => {
  expect(toStripeAmount(minor, currency)).toBe(atStripe);
  expect(fromStripeAmount(atStripe, currency)).toBe(minor);
});

test.each([
  ['KWD', 5124],
  ['MGA', 501],
])('%s: %d minor units cannot be taken exactly, and are not rounded', (currency, minor) => {
  expect(toStripeAmount(minor, currency)).toBeUndefined();
});

import { expect, test } from '@jest/globals';
import { type CartDocument, emptyCart } from '../documents/cart-document.js';
import { quantityLimit, requireQuantities } from './quantity-limit.js';

const cart = (quantity: number, customerId?: string): CartDocument => ({
  ...emptyCart('USD', customerId),
  lines: [{ lineId: 'l', variantId: 'v', quantity, addedAtMs: 0 }],
});
const limits = { MAX_QUANTITY_PER_ORDER: 10, MAX_QUANTITY_PER_CUSTOMER: 4 };
const over = (requested: number, limit: number) =>
  expect.objectContaining({
    code: 'quantity_limit',
    options: expect.objectContaining({ extra: { lines: [{ variantId: 'v', requested, limit }] } }),
  });

test.each([
  ['a guest may have as much as an order', undefined, cart(10), undefined],
  ['and no more', undefined, cart(11), over(11, 10)],
  ['a customer may have as much as a customer', undefined, cart(4, 'c'), undefined],
  ['and no more', undefined, cart(5, 'c'), over(5, 4)],
  ['what is over a limit that came later may be lowered', cart(20), cart(15), undefined],
  ['and not raised', cart(20), cart(21), over(21, 10)],
])('%s', (_, before, after, refusal) => {
  const check = () => requireQuantities(before, after, limits);
  if (refusal) expect(check).toThrow(refusal);
  else expect(check).not.toThrow();
});

test.each([
  [{ limit: 5 }, 'At most 5 of this variant may be bought, not 6. Lower the quantity to 5.'],
  [
    { limit: 1, bought: 2, customerLimit: 3 },
    'One customer may buy 3 of this variant in all orders together; you have bought 2 and asked for 6 more. Lower the quantity to 1.',
  ],
  [
    { limit: 0, bought: 4, customerLimit: 3 },
    'One customer may buy 3 of this variant in all orders together; you have bought 4 and asked for 6 more. Remove it from the cart.',
  ],
])('%j is explained', (line, text) => {
  expect(quantityLimit([{ variantId: 'v', requested: 6, ...line }]).message).toBe(text);
});

test('without a limit for customers that of an order counts', () => {
  expect(() =>
    requireQuantities(undefined, cart(10, 'c'), { ...limits, MAX_QUANTITY_PER_CUSTOMER: undefined }),
  ).not.toThrow();
});

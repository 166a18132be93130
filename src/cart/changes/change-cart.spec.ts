import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type CartDocument, emptyCart, MAX_CODES, MAX_LINES, MAX_QUANTITY } from '../documents/cart-document.js';
import {
  addLine,
  type CartChange,
  inOrder,
  removeLine,
  replaceCodes,
  requireOpen,
  setQuantity,
  takeOver,
} from './change-cart.js';

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

const line = (variantId: string, quantity: number) => ({
  lineId: `line-${variantId}`,
  variantId,
  quantity,
  addedAtMs: 1,
});
const cartOf = (...changes: CartChange[]): CartDocument => inOrder(changes)(emptyCart('USD'));
const quantities = (cart: CartDocument) => Object.fromEntries(cart.lines.map((one) => [one.variantId, one.quantity]));

test('a variant has one line', () => {
  expect(quantities(cartOf(addLine(line('a', 2)), addLine(line('b', 1)), addLine(line('a', 3))))).toEqual({
    a: 5,
    b: 1,
  });
});

test('lines and quantities are bounded', () => {
  const full = cartOf(...Array.from({ length: MAX_LINES }, (_, n) => addLine(line(`v${n}`, 1))));
  expect(() => addLine(line('one more', 1))(full)).toThrow('100 lines');
  expect(quantities(addLine(line('v0', MAX_QUANTITY - 1))(full)).v0).toBe(MAX_QUANTITY);
  expect(() => addLine(line('v0', MAX_QUANTITY))(full)).toThrow('quantity');
});

test('lines are changed and removed by their id; an unknown one is not found', () => {
  const cart = cartOf(addLine(line('a', 2)), addLine(line('b', 1)));
  expect(quantities(setQuantity('line-a', 7)(cart))).toEqual({ a: 7, b: 1 });
  expect(quantities(removeLine('line-a')(cart))).toEqual({ b: 1 });
  for (const change of [setQuantity('x', 1), removeLine('x')]) expect(() => change(cart)).toThrow('not found');
});

test('codes are replaced, each once', () => {
  expect(cartOf(replaceCodes(['A']), replaceCodes(['C', 'B', 'C'])).discountCodes).toEqual(['C', 'B']);
});

test('an ordered cart and a merged cart are closed', () => {
  expect(() => requireOpen({ ...emptyCart('USD'), orderId: 'o' })).toThrow('new cart');
  expect(() => requireOpen({ ...emptyCart('USD'), mergedInto: 'c' })).toThrow('not found');
  expect(() => requireOpen(emptyCart('USD'))).not.toThrow();
});

describe('taking over another cart', () => {
  const contents = fc.uniqueArray(
    fc.record({
      variantId: fc.integer({ min: 0, max: 150 }).map((n) => `v${n}`),
      quantity: fc.integer({ min: 1, max: MAX_QUANTITY }),
    }),
    { selector: (one) => one.variantId, maxLength: MAX_LINES },
  );
  const cart = fc
    .tuple(contents, fc.uniqueArray(fc.constantFrom(...'ABCDEFGHIJKLMNO'), { maxLength: MAX_CODES }))
    .map(([lines, codes]) =>
      cartOf(...lines.map((one) => addLine(line(one.variantId, one.quantity))), replaceCodes(codes)),
    );

  test('adds quantities up to the limits, keeps what the cart had, and happens once', () => {
    fc.assert(
      fc.property(cart, cart, (target, source) => {
        const merged = takeOver('source', source)(target);
        const [was, gets, has] = [target, source, merged].map(quantities);
        for (const id of Object.keys(was!)) {
          expect(has![id]).toBe(Math.min(MAX_QUANTITY, was![id]! + (gets![id] ?? 0)));
        }
        const fresh = Object.keys(gets!).filter((id) => !(id in was!));
        const room = MAX_LINES - target.lines.length;
        expect(fresh.filter((id) => has![id] === gets![id])).toHaveLength(Math.min(room, fresh.length));
        expect(merged.lines.length).toBeLessThanOrEqual(MAX_LINES);
        expect(merged.discountCodes.slice(0, target.discountCodes.length)).toEqual(target.discountCodes);
        expect(merged.discountCodes.length).toBeLessThanOrEqual(MAX_CODES);
        expect(takeOver('source', source)(merged)).toBe(merged);
      }),
      { seed, numRuns: 200 },
    );
  });
});

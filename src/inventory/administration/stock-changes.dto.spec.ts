import { expect, test } from '@jest/globals';
import { adjustmentRequest } from './stock-changes.dto.js';

const variantId = '0190f3a2-7b1c-7def-8a4e-3c2b1a098765';
const wrongOf = (body: unknown) => adjustmentRequest.safeParse(body).error?.issues.map(({ path }) => path.join('.'));

test.each([
  [{}, ['reason', 'variantId', 'delta']],
  [{ variantId: 7, sku: 'A', reason: 'x' }, ['variantId', 'variantId', 'delta']],
  [{ variantId: 'x', delta: 1, reason: 'x' }, ['variantId']],
  [{ variantId, delta: 0, reason: 'x' }, ['delta']],
  [{ variantId, delta: 1, onHand: 1 }, ['reason', 'delta']],
  [[], ['']],
  [undefined, ['']],
  [{ variantId, delta: 1, reason: 'x' }, undefined],
])('everything that is wrong with an adjustment is told at once: %j', (body, wrong) => {
  expect(wrongOf(body)).toEqual(wrong);
});

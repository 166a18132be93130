import { describe, expect, test } from '@jest/globals';
import type { PriceSources } from '../../cart/index.js';
import type { Offer } from '../../catalog/index.js';
import { isSamePrice, quoteLines } from './quote-lines.js';

const offer = (amountMinor: number, more: Partial<Offer> = {}): Offer => ({
  variantId: 'v1',
  productId: 'p1',
  handle: 'thing',
  sku: 'SKU-1',
  title: 'Large',
  productTitle: 'Thing',
  imageUrl: null,
  prices: { USD: { amountMinor, compareAtMinor: null } },
  taxable: true,
  requiresShipping: true,
  forSale: true,
  ...more,
});
const sources = (offers: readonly Offer[], more: Partial<PriceSources> = {}): PriceSources => ({
  offers: new Map(offers.map((one) => [one.variantId, one])),
  ruleSet: {
    version: 3,
    discounts: [{ code: 'TEN', title: 'Ten', value: { kind: 'percentage', basisPoints: 1_000 }, combinable: true }],
  },
  exhaustedCodes: [],
  rates: { SHIPPING_FLAT_RATES: { USD: 500 }, TAX_RATE_BASIS_POINTS: 1_900, TAX_INCLUSIVE: false },
  nowMs: 0,
  ...more,
});
const cart = { currency: 'USD', lines: [{ variantId: 'v1', quantity: 2 }], discountCodes: ['TEN'] };

function quoteOf(given: PriceSources) {
  const result = quoteLines(cart, given);
  if (result.kind !== 'quoted') throw new Error('not quoted');
  return result.quote;
}

test('a cart is priced with its discounts, shipping and tax, by the version of the rules', () => {
  expect(quoteOf(sources([offer(1_000)]))).toMatchObject({
    ruleSetVersion: 3,
    lines: [{ title: 'Thing, Large', subtotalMinor: 2_000, discountMinor: 200, taxMinor: 342 }],
    discounts: [{ code: 'TEN', amountMinor: 200 }],
    shippingMinor: 500,
    totalMinor: 1_800 + 500 + 342 + 95,
  });
});

describe('what is not sold', () => {
  test.each([
    ['no offer', sources([])],
    ['no price in the currency', sources([offer(0, { prices: { EUR: { amountMinor: 1, compareAtMinor: null } } })])],
  ])('%s', (_name, given) => {
    expect(quoteLines(cart, given)).toEqual({ kind: 'unavailable', variantIds: ['v1'] });
  });
});

describe('the same price', () => {
  const agreed = quoteOf(sources([offer(1_000)]));

  test('whatever changed that costs nothing', () => {
    const renamed = quoteOf(sources([offer(1_000, { title: 'XL', sku: null })]));
    expect(isSamePrice(agreed, renamed)).toBe(true);
    expect(isSamePrice(agreed, { ...agreed, ruleSetVersion: 4 })).toBe(true);
  });

  test.each([
    ['a unit price', sources([offer(1_001)])],
    ['a code that no longer counts', sources([offer(1_000)], { exhaustedCodes: ['TEN'] })],
    ['the tax', sources([offer(1_000, { taxable: false })])],
    ['shipping', sources([offer(1_000, { requiresShipping: false })])],
  ])('not when %s is another one', (_name, given) => {
    expect(isSamePrice(agreed, quoteOf(given))).toBe(false);
  });
});

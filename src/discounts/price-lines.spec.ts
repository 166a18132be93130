import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MAX_AMOUNT_MINOR } from '../platform/money.js';
import { type PriceableLine, type PriceQuestion, priceLines } from './price-lines.js';
import type { DiscountRule, RuleSet } from './rule-set.js';

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const runs = { seed, numRuns: 500 };

const NOW_MS = Date.parse('2026-03-01T12:00:00Z');
const CURRENCIES = ['JPY', 'USD', 'KWD'];
const CODES = ['A', 'B', 'C', 'D', 'E'];

const line: fc.Arbitrary<PriceableLine> = fc.record({
  variantId: fc.constantFrom('v1', 'v2', 'v3', 'v4', 'v5'),
  quantity: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.integer({ min: 1, max: 10_000 })),
  // Equal prices are frequent: the odd cent then has several lines to go to.
  unitPriceMinor: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(7, 99) }, fc.integer({ min: 0, max: 1_000_000 })),
  taxable: fc.boolean(),
  requiresShipping: fc.boolean(),
});

const amounts = fc.subarray(CURRENCIES, { minLength: 1 }).chain((some) =>
  fc.tuple(
    ...some.map((currency) =>
      fc.record({
        currency: fc.constant(currency),
        amount: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 100_000 })),
      }),
    ),
  ),
);

const ruleOf = (code: string): fc.Arbitrary<DiscountRule> =>
  fc.record(
    {
      code: fc.constant(code),
      title: fc.constant(`Title ${code}`),
      value: fc.oneof(
        fc.record({ kind: fc.constant('percentage' as const), basisPoints: fc.integer({ min: 1, max: 10_000 }) }),
        fc.record({ kind: fc.constant('fixed' as const), amounts }),
      ),
      combinable: fc.boolean(),
      minSubtotals: amounts,
      startsAt: fc.constantFrom('2026-02-01T00:00:00Z', '2026-04-01T00:00:00Z'),
      endsAt: fc.constantFrom('2026-02-15T00:00:00Z', '2026-05-01T00:00:00Z'),
    },
    { requiredKeys: ['code', 'title', 'value', 'combinable'] },
  );

const question: fc.Arbitrary<PriceQuestion<PriceableLine>> = fc.record({
  currency: fc.constantFrom(...CURRENCIES),
  lines: fc.array(line, { maxLength: 12 }),
  ruleSet: fc.tuple(...CODES.map(ruleOf)).map((discounts): RuleSet => ({ version: 1, discounts })),
  codes: fc.subarray([...CODES, 'NONE']),
  nowMs: fc.constant(NOW_MS),
  shippingMinor: fc.integer({ min: 0, max: 100_000 }),
  tax: fc.record({ rateBasisPoints: fc.integer({ min: 0, max: 10_000 }), inclusive: fc.boolean() }),
});

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

test('lines, discounts, shipping and tax add up to the total exactly, and nothing is negative', () => {
  fc.assert(
    fc.property(question, (asked) => {
      const { tax } = asked;
      const answer = priceLines(asked);
      const addedShippingTax = tax.inclusive ? 0 : answer.shippingTaxMinor;
      expect(sum(answer.lines.map((one) => one.totalMinor)) + answer.shippingMinor + addedShippingTax).toBe(
        answer.totalMinor,
      );
      expect(sum(answer.lines.map((one) => one.subtotalMinor))).toBe(answer.subtotalMinor);
      expect(sum(answer.lines.map((one) => one.discountMinor))).toBe(answer.discountMinor);
      expect(sum(answer.lines.map((one) => one.taxMinor)) + answer.shippingTaxMinor).toBe(answer.taxMinor);
      expect(sum(answer.applied.map((one) => one.amountMinor))).toBe(answer.discountMinor);
      const addedTax = tax.inclusive ? 0 : answer.taxMinor;
      expect(answer.subtotalMinor - answer.discountMinor + answer.shippingMinor + addedTax).toBe(answer.totalMinor);
      for (const one of answer.lines) {
        expect(one.subtotalMinor).toBe(one.quantity * one.unitPriceMinor);
        expect(one.discountMinor).toBeLessThanOrEqual(one.subtotalMinor);
        for (const amount of [one.subtotalMinor, one.discountMinor, one.taxMinor, one.totalMinor]) {
          expect(Number.isSafeInteger(amount) && amount >= 0).toBe(true);
        }
        if (!one.taxable) expect(one.taxMinor).toBe(0);
      }
      expect(answer.applied.every((one) => one.amountMinor > 0)).toBe(true);
    }),
    runs,
  );
});

test('every code is either applied or refused, once', () => {
  fc.assert(
    fc.property(question, (asked) => {
      const { applied, refused } = priceLines(asked);
      expect([...applied, ...refused].map((one) => one.code).sort()).toEqual([...asked.codes].sort());
    }),
    runs,
  );
});

test('neither the order of lines nor that of codes changes a total', () => {
  const shuffled = question.chain((asked) =>
    fc.record({
      asked: fc.constant(asked),
      lines: fc.shuffledSubarray([...asked.lines], { minLength: asked.lines.length }),
      codes: fc.shuffledSubarray([...asked.codes], { minLength: asked.codes.length }),
    }),
  );
  fc.assert(
    fc.property(shuffled, ({ asked, lines, codes }) => {
      const { lines: _a, refused: _b, ...one } = priceLines(asked);
      const { lines: _c, refused: _d, ...other } = priceLines({ ...asked, lines, codes });
      expect(other).toEqual(one);
    }),
    { ...runs, numRuns: 3_000 },
  );
});

const book: PriceableLine = {
  variantId: 'book',
  quantity: 1,
  unitPriceMinor: 1_000,
  taxable: true,
  requiresShipping: true,
};
const percent = (code: string, basisPoints: number, more: Partial<DiscountRule> = {}): DiscountRule => ({
  code,
  title: code,
  value: { kind: 'percentage', basisPoints },
  combinable: true,
  ...more,
});
const fixed = (code: string, amount: number, more: Partial<DiscountRule> = {}): DiscountRule => ({
  ...percent(code, 1, more),
  value: { kind: 'fixed', amounts: [{ amount, currency: 'USD' }] },
});
const price = (discounts: DiscountRule[], more: Partial<PriceQuestion<PriceableLine>> = {}) =>
  priceLines({
    currency: 'USD',
    lines: [book],
    ruleSet: { version: 1, discounts },
    codes: discounts.map((rule) => rule.code),
    nowMs: NOW_MS,
    shippingMinor: 500,
    tax: { rateBasisPoints: 1_900, inclusive: false },
    ...more,
  });
const reasons = (answer: ReturnType<typeof price>) =>
  Object.fromEntries(answer.refused.map((one) => [one.code, one.reason]));

describe('by hand', () => {
  test('tax on top of the discounted price and of shipping', () => {
    expect(price([percent('TEN', 1_000)])).toMatchObject({
      subtotalMinor: 1_000,
      discountMinor: 100,
      shippingMinor: 500,
      shippingTaxMinor: 95,
      taxMinor: 171 + 95,
      totalMinor: 900 + 171 + 500 + 95,
    });
  });

  test('tax inside the price', () => {
    expect(
      price([], { lines: [{ ...book, unitPriceMinor: 1_190 }], tax: { rateBasisPoints: 1_900, inclusive: true } }),
    ).toMatchObject({
      lines: [{ taxMinor: 190, totalMinor: 1_190 }],
      shippingTaxMinor: 80,
      totalMinor: 1_690,
    });
  });

  test('nothing is shipped: no shipping; only untaxed goods are shipped: no tax on shipping', () => {
    expect(price([], { lines: [{ ...book, requiresShipping: false }] })).toMatchObject({
      shippingMinor: 0,
      totalMinor: 1_190,
    });
    const lines = [
      { ...book, taxable: false },
      { ...book, variantId: 'ebook', requiresShipping: false },
    ];
    expect(price([], { lines })).toMatchObject({ shippingMinor: 500, shippingTaxMinor: 0, taxMinor: 190 });
  });

  test('the odd cent is spread once', () => {
    const lines = ['a', 'b', 'c'].map((variantId) => ({ ...book, variantId, unitPriceMinor: 10 }));
    const answer = price([fixed('ONE', 10)], { lines });
    expect(answer.lines.map((one) => one.discountMinor)).toEqual([4, 3, 3]);
  });

  test('each refusal says why', () => {
    const rules = [
      percent('EARLY', 100, { startsAt: '2026-03-01T12:00:01Z' }),
      percent('LATE', 100, { endsAt: '2026-03-01T12:00:00Z' }),
      percent('BIG', 100, { minSubtotals: [{ amount: 1_001, currency: 'USD' }] }),
      percent('EURO', 100, { minSubtotals: [{ amount: 1, currency: 'EUR' }] }),
      { ...fixed('YEN', 5), value: { kind: 'fixed' as const, amounts: [{ amount: 5, currency: 'JPY' }] } },
      percent('GONE', 100, { usageLimit: 1 }),
      percent('TINY', 1),
    ];
    const codes = [...rules.map((rule) => rule.code), 'what'];
    expect(reasons(price(rules, { codes, exhaustedCodes: ['GONE'] }))).toEqual({
      EARLY: 'not_started',
      LATE: 'expired',
      BIG: 'minimum_not_met',
      EURO: 'currency_not_supported',
      YEN: 'currency_not_supported',
      GONE: 'usage_limit_reached',
      TINY: 'no_effect',
      WHAT: 'unknown_code',
    });
  });

  test('at the edges of its time and minimum a code applies', () => {
    const rule = percent('EDGE', 1_000, {
      startsAt: '2026-03-01T12:00:00Z',
      endsAt: '2026-03-01T12:00:01Z',
      minSubtotals: [{ amount: 1_000, currency: 'USD' }],
    });
    expect(price([rule]).applied).toEqual([{ code: 'EDGE', title: 'EDGE', amountMinor: 100 }]);
  });

  test('codes are taken in any case and once', () => {
    expect(price([percent('TEN', 1_000)], { codes: ['ten', 'Ten', 'TEN'] }).discountMinor).toBe(100);
  });

  test('a code that is not combinable applies alone when that takes off more', () => {
    const alone = percent('ALONE', 2_500, { combinable: false });
    const rules = [percent('TEN', 1_000), fixed('FIVE', 100), alone];
    const better = price(rules);
    expect(better.applied.map((one) => one.code)).toEqual(['ALONE']);
    expect(reasons(better)).toEqual({ TEN: 'not_combinable', FIVE: 'not_combinable' });
    const worse = price([...rules, fixed('MORE', 60)]);
    expect(worse.applied.map((one) => one.code)).toEqual(['TEN', 'FIVE', 'MORE']);
    expect(reasons(worse)).toEqual({ ALONE: 'not_combinable' });
  });

  test('discounts stop at the value of the cart', () => {
    const answer = price([percent('HALF', 5_000), fixed('MUCH', 900), fixed('TOO', 5)]);
    expect(answer.applied.map((one) => one.amountMinor)).toEqual([500, 500]);
    expect(reasons(answer)).toEqual({ TOO: 'no_effect' });
    expect(answer.lines[0]?.totalMinor).toBe(0);
  });

  test('more than a cart can be worth is refused, on one line and over all', () => {
    const dear = { ...book, unitPriceMinor: MAX_AMOUNT_MINOR, quantity: 10_000 };
    expect(() => price([], { lines: [dear] })).toThrow('lines: are worth more');
    const lines = ['a', 'b'].map((variantId) => ({ ...book, variantId, unitPriceMinor: MAX_AMOUNT_MINOR / 2 + 1 }));
    expect(() => price([], { lines })).toThrow('lines: are worth more');
    expect(() => price([], { lines: [{ ...dear, quantity: 1 }] })).toThrow('lines: are worth more');
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { batchesFrom, boundedPlan, countKeys, type WarmPlan } from './warm-plan.js';

const plans: fc.Arbitrary<WarmPlan> = fc.array(
  fc.record({
    category: fc.constantFrom('product' as const, 'collection' as const),
    keys: fc.array(fc.string(), { maxLength: 30 }),
  }),
  { maxLength: 5 },
);
const flat = (plan: WarmPlan) => plan.flatMap(({ category, keys }) => keys.map((key) => `${category}:${key}`));

describe('a warm-up plan', () => {
  it('goes on at any position: every key after it comes once, in order, in batches of one category', () => {
    fc.assert(
      fc.property(plans, fc.nat(100), fc.integer({ min: 1, max: 7 }), (plan, position, size) => {
        const batches = [...batchesFrom(plan, position, size)];
        expect(flat(batches)).toEqual(flat(plan).slice(position));
        expect(batches.every(({ keys }) => keys.length > 0 && keys.length <= size)).toBe(true);
      }),
    );
  });

  it('is cut to its limit, and has no empty steps', () => {
    fc.assert(
      fc.property(plans, fc.nat(60), (plan, limit) => {
        const bounded = boundedPlan(plan, limit);
        expect(flat(bounded)).toEqual(flat(plan).slice(0, limit));
        expect(bounded.every(({ keys }) => keys.length > 0)).toBe(true);
        expect(countKeys(bounded)).toBe(Math.min(limit, countKeys(plan)));
      }),
    );
  });
});

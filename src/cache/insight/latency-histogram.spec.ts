import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LatencyHistogram } from './latency-histogram.js';

describe('a latency histogram', () => {
  it('gives percentiles that are never too small and at most a fifth too large', () => {
    const times = fc.array(fc.double({ min: 0.0001, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(times, fc.constantFrom(0.01, 0.5, 0.95, 0.99, 1), (all, share) => {
        const histogram = new LatencyHistogram();
        for (const ms of all) histogram.record(ms);
        const exact = all.toSorted((a, b) => a - b)[Math.ceil(share * all.length) - 1]!;
        const told = histogram.percentileMs(share)!;
        expect(told).toBeGreaterThanOrEqual(exact * 0.999_999);
        expect(told).toBeLessThanOrEqual(exact * 1.2);
      }),
    );
  });

  it('counts weights, sums, and what lies outside its range', () => {
    const histogram = new LatencyHistogram();
    expect([histogram.percentileMs(0.5), histogram.meanMs]).toEqual([null, 0]);
    histogram.record(0);
    histogram.record(1e9);
    histogram.record(2, 8);
    expect(histogram).toMatchObject({ count: 10, sumMs: 1e9 + 16 });
    expect(histogram.percentileMs(0.5)).toBeCloseTo(2, 0);
    expect([histogram.countUpTo(1), histogram.countUpTo(3), histogram.countUpTo(1e12)]).toEqual([1, 9, 10]);
  });
});

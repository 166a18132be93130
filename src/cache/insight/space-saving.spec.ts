import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SpaceSaving } from './space-saving.js';

const access = fc.record({ key: fc.integer({ min: 0, max: 60 }).map(String), weight: fc.integer({ min: 1, max: 9 }) });

describe('the most frequent keys', () => {
  it('are counted never too low, at most the error too high, and none above 1/capacity of all is missing', () => {
    fc.assert(
      fc.property(fc.array(access, { maxLength: 500 }), fc.integer({ min: 1, max: 20 }), (accesses, capacity) => {
        const sketch = new SpaceSaving(capacity, Number.POSITIVE_INFINITY);
        const truth = new Map<string, number>();
        for (const { key, weight } of accesses) {
          sketch.add(key, weight, 0);
          truth.set(key, (truth.get(key) ?? 0) + weight);
        }
        const total = accesses.reduce((sum, { weight }) => sum + weight, 0);
        const top = sketch.top(capacity, 0);
        expect(sketch.total(0)).toBe(total);
        expect(top.length).toBe(Math.min(capacity, truth.size));
        expect(top.map(({ count }) => count)).toEqual(top.map(({ count }) => count).toSorted((a, b) => b - a));
        for (const { key, count, error } of top) {
          expect(count).toBeGreaterThanOrEqual(truth.get(key) ?? 0);
          expect(count - error).toBeLessThanOrEqual(truth.get(key) ?? 0);
        }
        const counted = new Set(top.map(({ key }) => key));
        for (const [key, count] of truth) if (count > total / capacity) expect(counted).toContain(key);
      }),
    );
  });

  it('find the hot ones of a skewed stream in little memory', () => {
    const sketch = new SpaceSaving(200, Number.POSITIVE_INFINITY);
    // Key k comes 10,000 / (k + 1) times, spread over the stream: Zipf.
    const stream = Array.from({ length: 2_000 }, (_, k) => Array<string>(Math.floor(10_000 / (k + 1))).fill(`k${k}`));
    for (let round = 0; round < 10_000; round++) {
      for (const keys of stream) if (round < keys.length) sketch.add(keys[round]!, 1, 0);
    }
    expect(sketch.top(5, 0).map(({ key }) => key)).toEqual(['k0', 'k1', 'k2', 'k3', 'k4']);
  });

  it('fade: an access counts half after the half-life, however long it runs', () => {
    const sketch = new SpaceSaving(2, 1_000);
    sketch.add('old', 8, 0);
    sketch.add('new', 3, 2_000);
    expect(sketch.top(2, 2_000)).toEqual([
      { key: 'new', count: 3, error: 0 },
      { key: 'old', count: 2, error: 0 },
    ]);
    expect(sketch.total(2_000)).toBe(5);
    sketch.add('late', 1, 1_000_000_000);
    expect(sketch.top(1, 1_000_000_000)).toEqual([{ key: 'late', count: 1, error: expect.closeTo(0) }]);
    expect(sketch.total(1_000_000_000)).toBeCloseTo(1);
  });

  it('begin anew', () => {
    const sketch = new SpaceSaving(2, 1_000);
    sketch.add('a', 8, 50_000);
    sketch.clear();
    expect([sketch.size, sketch.total(0), sketch.top(1, 0)]).toEqual([0, 0, []]);
    sketch.add('b', 1, 0);
    expect(sketch.top(1, 0)).toEqual([{ key: 'b', count: 1, error: 0 }]);
  });
});

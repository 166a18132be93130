import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compare, median, rounded } from './result.ts';
import { alternate } from './rounds.ts';

const measures = [
  { key: 'rate', label: 'throughput', unit: 'per second', better: 'more' },
  { key: 'wait', label: 'p50', unit: 'ms', better: 'less' },
] as const;
const subject = { name: 'product', reference: 'bare route', measures };

describe('median', () => {
  it('is the middle, or the mean of both middles', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([7])).toBe(7);
  });

  it('refuses nothing at all', () => {
    expect(() => median([])).toThrow('no values');
  });

  it('has as many values below as above, in whatever order they come', () => {
    const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(values, (some) => {
        const middle = median(some);
        expect(some.filter((value) => value < middle).length).toBeLessThanOrEqual(some.length / 2);
        expect(some.filter((value) => value > middle).length).toBeLessThanOrEqual(some.length / 2);
        // Sorting leaves 0 and -0 in the order they came: they are the same figure.
        expect(median([...some].reverse()) === middle).toBe(true);
      }),
    );
  });
});

describe('compare', () => {
  const ours = [
    { rate: 900, wait: 2 },
    { rate: 100, wait: 50 },
    { rate: 800, wait: 2.2 },
  ];
  const reference = [
    { rate: 1_000, wait: 1 },
    { rate: 1_100, wait: 1.1 },
    { rate: 10, wait: 90 },
  ];

  it('gives one result for each measure, of medians, with a ratio above 1 where we are better', () => {
    expect(compare(subject, { ours, reference })).toEqual([
      {
        name: 'product: throughput',
        value: 800,
        unit: 'per second',
        reference: 'bare route',
        referenceValue: 1_000,
        ratio: 0.8,
      },
      { name: 'product: p50', value: 2.2, unit: 'ms', reference: 'bare route', referenceValue: 1.1, ratio: 0.5 },
    ]);
    expect(compare(subject, { ours: reference, reference: ours }).map((result) => result.ratio)).toEqual([1.25, 2]);
  });

  it('does not pass over a round that measured nothing', () => {
    expect(() => compare(subject, { ours: [{ rate: 1 }], reference: [{ rate: 1, wait: 1 }] })).toThrow('"wait"');
    expect(() =>
      compare(subject, { ours: [{ rate: Number.NaN, wait: 1 }], reference: [{ rate: 1, wait: 1 }] }),
    ).toThrow('"rate"');
  });
});

describe('alternate', () => {
  it('runs both sides in turn and leaves out the rounds that warm up', async () => {
    const order: string[] = [];
    const side = (name: string, base: number) => async () => ({ rate: base + order.push(name) });
    const samples = await alternate(2, { ours: side('a', 0), reference: side('b', 100) });
    expect(order.join('')).toBe('abababab');
    expect(samples).toEqual({ ours: [{ rate: 5 }, { rate: 7 }], reference: [{ rate: 106 }, { rate: 108 }] });
  });
});

describe('rounded', () => {
  it('keeps what can be measured', () => {
    expect([18_234.567, 1_000.4, 0.123456, 12.3456, 0].map(rounded)).toEqual([18_235, 1_000, 0.1235, 12.35, 0]);
  });
});

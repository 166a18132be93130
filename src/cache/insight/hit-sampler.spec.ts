import { describe, expect, it } from '@jest/globals';
import { HitSampler } from './hit-sampler.js';

/** Asks `count` times, one each `everyMs`. @returns how many were sampled, and how many those stand for. */
function ask(sampler: HitSampler, count: number, everyMs: number, fromMs = 0) {
  let looked = 0;
  let standFor = 0;
  for (let i = 1; i <= count; i++) {
    if (--sampler.untilSample > 0) continue;
    looked++;
    standFor += sampler.weight;
    sampler.next(fromMs + i * everyMs);
  }
  return { looked, standFor };
}

describe('the sampler of hits', () => {
  it('looks at every one while there are few', () => {
    expect(ask(new HitSampler(), 500, 5)).toEqual({ looked: 500, standFor: 500 });
  });

  it('looks at few of many, which stand for all of them', () => {
    const { looked, standFor } = ask(new HitSampler(), 4_000_000, 0.000_2);
    expect(looked).toBeLessThan(6_000);
    expect(standFor).toBeGreaterThan(3_600_000);
    expect(standFor).toBeLessThan(4_400_000);
  });

  it('looks at every one again when it becomes quiet', () => {
    const sampler = new HitSampler();
    ask(sampler, 100_000, 0.000_2);
    // Each gap is drawn from up to twice its weight, and the weight halves with each: 2,047 + 1,023 + … + 1 at most.
    ask(sampler, 4_096, 5, 1_000);
    expect(ask(sampler, 100, 5, 30_000)).toEqual({ looked: 100, standFor: 100 });
  });
});

import { describe, expect, it } from '@jest/globals';
import { HotKeys } from './hot-keys.js';

describe('hot keys', () => {
  it('tell the share of the most wanted keys of all there are', () => {
    const keys = new HotKeys();
    for (let k = 0; k < 100; k++) keys.count(`k${k}`, k === 0 ? 901 : 1, 0);
    const report = keys.report(2, 100, 0);
    expect(report.accesses).toBe(1_000);
    expect(report.shareOfTop).toEqual({ percent1: 0.901, percent5: 0.905, percent10: 0.91 });
    expect(report.keys).toEqual([
      { key: 'k0', count: 901, error: 0 },
      { key: expect.any(String), count: 1, error: 0 },
    ]);
    expect(keys.report(1, 1_000, 0).shareOfTop.percent1).toBe(0.91);
  });

  it('give out each access once, and only what is surely the key’s own', () => {
    const keys = new HotKeys();
    keys.count('a', 3, 0);
    expect(keys.takeRecent()).toEqual([{ key: 'a', count: 3 }]);
    expect(keys.takeRecent()).toEqual([]);
    for (let k = 0; k < 2_000; k++) keys.count(`k${k}`, 1, 0);
    const sent = keys.takeRecent().reduce((sum, { count }) => sum + count, 0);
    expect(sent).toBeLessThanOrEqual(2_000);
    expect(keys.report(1, 0, 0).accesses).toBe(2_003);
  });

  it('have no share of nothing', () => {
    expect(new HotKeys().report(5, 10, 0)).toMatchObject({ accesses: 0, shareOfTop: { percent1: 0 }, keys: [] });
  });
});

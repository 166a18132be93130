import { describe, expect, it } from '@jest/globals';
import { cachePolicy } from './cache-policy.js';
import { failSafeUntilMs, keptLateMs, staleUntilMs } from './freshness.js';
import { CachedDocument } from './tiers/cached-document.js';

const policy = { ...cachePolicy.product, staleMs: 100, failSafeMs: 1_000 };
const found = { document: CachedDocument.of({ id: 1 }, [], false), storedAtMs: 5_000, freshMs: 10 };
const missing = { ...found, document: undefined };
const endsOf = (entry: typeof found | typeof missing, serveStaleMs: number) => [
  staleUntilMs(entry, policy, { serveStaleMs }),
  failSafeUntilMs(entry, policy, { serveStaleMs }),
];

describe('how long an entry is of use', () => {
  it('goes on after its fresh time, and longer when the origin fails or the operator says so', () => {
    expect(endsOf(found, 0)).toEqual([5_110, 6_010]);
    expect(endsOf(found, 20_000)).toEqual([25_110, 26_010]);
  });

  it('ends with its fresh time when there is nothing', () => {
    expect(endsOf(missing, 0)).toEqual([5_010, 5_010]);
    expect(endsOf(missing, 20_000)).toEqual([5_010, 5_010]);
  });

  it('is over when redis forgets it, and not before', () => {
    for (const serveStaleMs of [0, 20_000]) {
      const forgottenAtMs = found.storedAtMs + found.freshMs + keptLateMs(policy, { serveStaleMs });
      expect(forgottenAtMs).toBe(Math.max(...endsOf(found, serveStaleMs)));
    }
  });
});

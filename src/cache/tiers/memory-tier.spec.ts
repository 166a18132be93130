import { expect, it } from '@jest/globals';
import { cachePolicy } from '../cache-policy.js';
import { defaultControls } from '../controls/category-controls.js';
import type { CacheEntry } from './cache-entry.js';
import { CachedDocument } from './cached-document.js';
import { MemoryTier } from './memory-tier.js';

const freshMs = 10_000;
const policy = {
  ...cachePolicy.product,
  jitter: 0,
  earlyRefreshFactor: 0,
  memory: { ...cachePolicy.product.memory, freshMs },
};
const entry: CacheEntry<unknown> = {
  document: CachedDocument.of({ id: 'p' }, [], false),
  tags: [],
  lineage: 'one',
  stamp: 1,
  storedAtMs: 0,
  freshMs: 3_600_000,
  loadCostMs: 1,
};

/** Puts one copy after the other, each when the one before is due and was read `readsOf` times. @returns their times (s). */
function staysOf(readsOf: (staySeconds: number) => number, rounds: number): number[] {
  const tier = new MemoryTier<unknown>(policy, defaultControls);
  const stays: number[] = [];
  for (let nowMs = 0; stays.length < rounds; ) {
    tier.put('p', entry, nowMs, 1);
    const stayMs = (tier.look('p')?.refreshAfterMs ?? 0) - nowMs;
    stays.push(stayMs / 1_000);
    for (let i = 0; i < readsOf(stayMs / 1_000); i++) tier.get('p');
    nowMs += stayMs;
  }
  return stays;
}

it('leaves what is read once a second up to four times as long in memory before it is checked again', () => {
  expect(staysOf((seconds) => seconds, 5)).toEqual([10, 20, 40, 40, 40]);
});

it('leaves what is read less no longer, and what is no longer read its own time again', () => {
  expect(staysOf((seconds) => seconds - 1, 4)).toEqual([10, 10, 10, 10]);
  expect(staysOf((seconds) => (seconds < 20 ? seconds : 5), 4)).toEqual([10, 20, 10, 20]);
});

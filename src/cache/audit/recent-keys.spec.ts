import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RecentKeys } from './recent-keys.js';

it('gives the last keys, the newest first, each once', () => {
  const given = fc.array(fc.integer({ min: 0, max: 9 }).map(String), { maxLength: 60 });
  fc.assert(
    fc.property(given, fc.integer({ min: 1, max: 12 }), fc.nat(15), (keys, capacity, limit) => {
      const recent = new RecentKeys(capacity);
      for (const key of keys) recent.add(key);
      const kept = keys.slice(-capacity).reverse();
      expect(recent.last(limit)).toEqual([...new Set(kept)].slice(0, limit));
    }),
  );
});

import { describe, expect, it } from '@jest/globals';
import { compositeKey, parseCompositeKey } from './cache-key.js';
import { type CategoryPolicy, cacheLimits, cachePolicy, lateMs, longestLifeMs } from './cache-policy.js';
import { toMessages } from './invalidation/invalidator.js';

const rows: [string, CategoryPolicy][] = Object.entries(cachePolicy);

describe('the policy table', () => {
  it.each(rows)('%s: times grow with distance, and every number is bounded and has a reason', (_name, policy) => {
    expect(policy.reason.length).toBeGreaterThan(20);
    expect(policy.memory.freshMs).toBeGreaterThan(0);
    expect(policy.memory.freshMs).toBeLessThan(policy.redis.freshMs);
    expect(policy.negativeMs).toBeLessThanOrEqual(policy.redis.freshMs);
    expect(policy.failSafeMs).toBeGreaterThanOrEqual(policy.staleMs);
    expect(policy.jitter).toBeGreaterThan(0);
    expect(policy.jitter).toBeLessThan(0.5);
    expect(policy.memory.maxEntries).toBeGreaterThan(0);
    expect(policy.memory.maxBytes).toBeLessThanOrEqual(128 * 1_024 * 1_024);
    if (policy.edge !== 'private') expect(policy.edge.maxAgeS).toBe(0);
  });

  it('lets no entry outlive the stamps of its tags', () => {
    for (const [, policy] of rows) expect(policy.redis.freshMs + lateMs(policy)).toBeLessThanOrEqual(longestLifeMs());
  });

  it('proves that a process is current several times within the bound', () => {
    expect(cacheLimits.followBlockMs * 3).toBeLessThanOrEqual(cacheLimits.staleBoundMs);
  });
});

describe('composite keys', () => {
  it('are the same for the same question, however it is asked', () => {
    expect(compositeKey({ q: 'tea & co', limit: 20, cursor: undefined })).toBe(
      compositeKey({ limit: 20, q: 'tea & co' }),
    );
    expect(compositeKey({ a: '1&b=2' })).not.toBe(compositeKey({ a: '1', b: '2' }));
  });

  it('can be read back', () => {
    const parts = { q: 'ö=&+ %', sort: '-price', inStock: true };
    expect(parseCompositeKey(compositeKey(parts))).toEqual({ q: 'ö=&+ %', sort: '-price', inStock: 'true' });
  });

  it('are bounded', () => {
    expect(() => compositeKey({ q: 'x'.repeat(cacheLimits.maxKeyLength) })).toThrow('too long');
  });
});

describe('an invalidation', () => {
  it('is cut into messages of bounded size', () => {
    const many = Array.from({ length: 1_200 }, (_, i) => String(i));
    const messages = toMessages({ category: 'product', keys: many, tags: many.slice(0, 700) });
    expect(messages.map(({ keys, tags }) => [keys.length, tags.length])).toEqual([
      [500, 500],
      [500, 200],
      [200, 0],
    ]);
  });

  it('names a category, or everything, by a tag', () => {
    expect(toMessages({ category: 'product' })).toEqual([{ keys: [], tags: ['#category:product'] }]);
    expect(toMessages({ all: true })).toEqual([{ keys: [], tags: ['#all'] }]);
    expect(toMessages({ category: 'product', keys: [] })).toEqual([]);
    expect(toMessages({})).toEqual([]);
  });
});

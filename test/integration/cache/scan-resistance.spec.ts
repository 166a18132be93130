import { describe, expect, it } from '@jest/globals';
import { LRUCache } from 'lru-cache';
import { ScanResistantStore, type Stored } from '../../../src/cache/tiers/scan-resistant-store.js';
import { createRandom } from '../../support/random.js';

const CAPACITY = 1_000;
const HOT = 800;
const CATALOGUE = 20_000;

interface Cache {
  get(key: string): unknown;
  set(key: string): void;
}

const put = (store: ScanResistantStore<Stored>, item: Stored): boolean => store.set(item, store.look(item.key));
const ours = (): Cache => {
  const store = new ScanResistantStore<Stored>(CAPACITY, CAPACITY * 100);
  return { get: (key) => store.get(key), set: (key) => void put(store, { key, bytes: 100, uses: 0 }) };
};
const plainLru = (): Cache => {
  const store = new LRUCache<string, true>({ max: CAPACITY });
  return { get: (key) => store.get(key), set: (key) => void store.set(key, true) };
};

/** Reads of the hot set, with a step of a walk after each when there is one. @returns the hit rate of the hot set */
function hitRate(cache: Cache, name: string, reads: number, walk?: Iterator<string>): number {
  const random = createRandom(name);
  const read = (key: string): boolean => {
    const isHit = cache.get(key) !== undefined;
    if (!isHit) cache.set(key);
    return isHit;
  };
  let hits = 0;
  for (let i = 0; i < reads; i++) {
    if (read(`hot-${Math.floor(HOT * random.next() ** 2)}`)) hits++;
    const step = walk?.next();
    if (step && !step.done) read(step.value);
  }
  return hits / reads;
}

/** @returns the hit rate during a walk through the catalogue, as a share of the one before it */
function keptShare(cache: Cache): number {
  hitRate(cache, 'warm-up', 50_000);
  const before = hitRate(cache, 'before', 20_000);
  const catalogue = Array.from({ length: CATALOGUE }, (_, i) => `item-${i}`);
  return hitRate(cache, 'during', CATALOGUE, catalogue.values()) / before;
}

describe('memory', () => {
  it('keeps 90 % of the hit rate of the hot set while the whole catalogue is walked through, which plain LRU does not', () => {
    const [share, lruShare] = [keptShare(ours()), keptShare(plainLru())];
    process.stdout.write(`hit rate kept during a walk: ${share.toFixed(3)}, plain LRU ${lruShare.toFixed(3)}\n`);
    expect(share).toBeGreaterThan(0.9);
    expect(lruShare).toBeLessThan(0.9);
  });

  it('is bounded in entries and bytes, and counts both', () => {
    const random = createRandom('bounds');
    const store = new ScanResistantStore<Stored>(100, 10_000);
    const model = new Map<string, number>();
    for (let i = 0; i < 20_000; i++) {
      const key = `k${random.integer(0, 400)}`;
      const action = random.integer(0, 9);
      if (action === 0) {
        const isThere = store.look(key) !== undefined;
        expect(store.delete(key)).toBe(isThere);
      } else if (action < 4) store.get(key);
      else {
        const bytes = random.integer(1, 400);
        expect(put(store, { key, bytes, uses: 0 })).toBe(true);
        model.set(key, bytes);
        expect(store.look(key)?.bytes).toBe(bytes);
      }
      expect(store.entries).toBeLessThanOrEqual(100);
      expect(store.bytes).toBeLessThanOrEqual(10_000);
    }
    const found = [...model.keys()].filter((key) => store.look(key));
    expect(found).toHaveLength(store.entries);
    expect(found.reduce((sum, key) => sum + (model.get(key) ?? 0), 0)).toBe(store.bytes);
    store.clear();
    expect([store.entries, store.bytes]).toEqual([0, 0]);
  });

  it('does not let one entry push out all the others, and forgets what it replaces', () => {
    const store = new ScanResistantStore<Stored>(100, 1_000);
    expect(put(store, { key: 'a', bytes: 100, uses: 0 })).toBe(true);
    expect(put(store, { key: 'a', bytes: 500, uses: 0 })).toBe(false);
    expect(store.look('a')).toBeUndefined();
    expect(store.bytes).toBe(0);
  });

  it('takes what is asked for soon after it went straight among what is wanted', () => {
    const store = new ScanResistantStore<Stored>(20, 100_000);
    const add = (key: string) => put(store, { key, bytes: 1, uses: 0 });
    for (let i = 0; i < 21; i++) add(`a${i}`);
    expect(store.look('a0')).toBeUndefined();
    add('a0'); // wanted again: it stays, whatever passes by
    for (let i = 0; i < 200; i++) add(`b${i}`);
    expect(store.look('a0')).toBeDefined();
    expect(store.look('a20')).toBeUndefined();
  });
});

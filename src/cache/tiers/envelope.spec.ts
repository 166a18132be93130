import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import type { CacheEntry } from './cache-entry.js';
import { CachedDocument } from './cached-document.js';
import { decodeEnvelope, encodeEnvelope } from './envelope.js';

const codec = z.object({ name: z.string() });
type Named = z.infer<typeof codec>;

function entryOf(value: Named | undefined): CacheEntry<Named> {
  const tags = ['a', 'ü'];
  return {
    document: value && CachedDocument.of(value, tags, true),
    tags,
    lineage: 'l',
    stamp: 12,
    storedAtMs: 1_700_000_000_000,
    freshMs: 5_000,
    loadCostMs: 3,
  };
}

describe('the envelope', () => {
  it('gives back what was put in', () => {
    const entry = entryOf({ name: 'Größe 💎' });
    const back = decodeEnvelope(encodeEnvelope(entry), codec, true);
    expect(back).toMatchObject({ ...entry, document: { etag: entry.document?.etag, bytes: entry.document?.bytes } });
    expect(back?.document?.value).toEqual({ name: 'Größe 💎' });
  });

  it('knows "there is nothing"', () => {
    const entry = entryOf(undefined);
    expect(decodeEnvelope(encodeEnvelope(entry), codec, true)).toEqual(entry);
  });

  it('carries the stamp that other processes know', () => {
    expect(decodeEnvelope(encodeEnvelope({ ...entryOf(undefined), stamp: 12.25 }), codec, false)?.stamp).toBe(12);
  });

  it('is unreadable, never an error, when it is damaged, of another format or another shape', () => {
    const good = encodeEnvelope(entryOf({ name: 'x' }));
    for (let length = 0; length < good.length; length++) {
      expect(decodeEnvelope(good.subarray(0, length), codec, true)?.document).toBeUndefined();
    }
    for (let at = 0; at < good.length; at++) {
      const damaged = Buffer.from(good);
      damaged[at] = 0xff;
      expect(() => decodeEnvelope(damaged, codec, true)).not.toThrow();
    }
    expect(decodeEnvelope(Buffer.concat([Buffer.from([9]), good.subarray(1)]), codec, true)).toBeUndefined();
    expect(decodeEnvelope(good, z.object({ other: z.number() }), true)).toBeUndefined();
  });
});

describe('a cached document', () => {
  it('has a strong tag that depends on its bytes alone', () => {
    const [one, two] = [CachedDocument.of({ a: 1 }, ['x'], true), CachedDocument.of({ a: 1 }, [], false)];
    expect(one.etag).toBe(two.etag);
    expect(one.etag).toMatch(/^"[\w-]{22}"$/);
    expect(CachedDocument.of({ a: 2 }, [], true).etag).not.toBe(one.etag);
  });

  it('is frozen to the bottom', () => {
    const { value } = CachedDocument.of({ list: [{ a: 1 }] }, [], true);
    expect(Object.isFrozen(value.list[0])).toBe(true);
  });

  it('names its tags for the edge, within what headers bear', () => {
    const tags = Array.from({ length: 300 }, (_, i) => `product:${i}`.padEnd(44, 'x'));
    const header = CachedDocument.of({}, tags, false).cacheTagHeader('productList');
    expect(header.startsWith('productList,product:0x')).toBe(true);
    expect(header.length).toBeLessThanOrEqual(4_096);
  });
});

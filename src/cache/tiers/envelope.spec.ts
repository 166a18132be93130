import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import type { CacheEntry } from './cache-entry.js';
import { CachedDocument } from './cached-document.js';
import { type EntryForm, entryForm } from './entry-form.js';
import { decodeEnvelope, encodeEnvelope, encodeRenewal } from './envelope.js';

const codec = z.object({ name: z.string() });
type Named = z.infer<typeof codec>;

const memory = { freshMs: 1, maxEntries: 1, maxBytes: 1, keepsValue: true };
const FORMAT_2 = 'AgGUdAlknzrqUgAAADtzCBYWQni8/laAAABAKAAAAAAAAAAAE4gAAAADWyJsIiwiIiwiYSIsIsO8Il17Im5hbWUiOiJvbGQifQ==';
const form = entryForm({ codec }, { memory, compressAboveBytes: 500 });

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

/** As redis gives it back. */
const stored = (entry: CacheEntry<Named>, as = form): Buffer => Buffer.from(encodeEnvelope(entry, as).content);
function inFormat1({ document, ...entry }: CacheEntry<Named>): Buffer {
  const about = Buffer.from(JSON.stringify({ ...entry, etag: document?.etag }));
  const prefix = Buffer.from([1, 0, 0, 0, 0]);
  prefix.writeUInt32BE(about.length, 1);
  return Buffer.concat([prefix, about, document?.bytes ?? Buffer.alloc(0)]);
}
const roundTrip = (entry: CacheEntry<Named>) => decodeEnvelope(stored(entry), form);

describe('the envelope', () => {
  it('gives back what was put in', () => {
    const entry = entryOf({ name: 'Größe 💎' });
    const back = roundTrip(entry);
    expect(back).toMatchObject({ ...entry, document: { etag: entry.document?.etag, bytes: entry.document?.bytes } });
    expect(back?.document?.value).toEqual({ name: 'Größe 💎' });
  });

  it('knows "there is nothing"', () => {
    const entry = entryOf(undefined);
    expect(roundTrip(entry)).toEqual(entry);
  });

  it('carries the stamp that other processes know', () => {
    expect(roundTrip({ ...entryOf(undefined), stamp: 12.25 })?.stamp).toBe(12);
  });

  it('compresses long bodies when that makes them smaller, and only then', () => {
    const [plain, long] = [entryOf({ name: 'x'.repeat(400) }), entryOf({ name: 'x'.repeat(4_000) })];
    expect(encodeEnvelope(plain, form).bytes).toBeGreaterThan(400);
    expect(encodeEnvelope(long, form).bytes).toBeLessThan(300);
    expect(roundTrip(long)?.document?.bytes).toEqual(long.document?.bytes);
    const noise = entryOf({
      name: Array.from({ length: 600 }, (_, i) => String.fromCharCode(33 + ((i * i * 31) % 90))).join(''),
    });
    const incompressible: EntryForm<Named> = { ...form, compressAboveBytes: 0 };
    const tiny = entryOf({ name: 'q' });
    expect(encodeEnvelope(tiny, incompressible).bytes).toBe(encodeEnvelope(tiny, form).bytes);
    expect(decodeEnvelope(stored(noise, incompressible), form)?.document?.value).toEqual(noise.document?.value);
  });

  it('reads format 1, which earlier versions of the code wrote', () => {
    const { document, ...entry } = entryOf({ name: 'old' });
    const old = inFormat1(entryOf({ name: 'old' }));
    expect(decodeEnvelope(old, form)?.document?.value).toEqual({ name: 'old' });
    expect(decodeEnvelope(old, form)).toMatchObject({ ...entry, document: { etag: document?.etag } });
    expect(
      decodeEnvelope(old, entryForm({ codec: z.object({ other: z.number() }) }, { memory, compressAboveBytes: 1 })),
    ).toBeUndefined();
  });

  it.each([
    ['found', { name: 'old' }, FORMAT_2],
    [
      'compressed',
      { name: 'x'.repeat(600) },
      'AgNnEfcTnzrqUgAAADtzCBYWQni8/laAAABAKAAAAAAAAAAAE4gAAAADWyJsIiwiIiwiYSIsIsO8Il0otS/9YGMBnQAAYHsibmFtZSI6IngifQEAVCqABA==',
    ],
    ['not found', undefined, 'AgAAAAAAnzrqUgAAADtzCBYWQni8/laAAABAKAAAAAAAAAAAE4gAAAADWyJsIiwiIiwiYSIsIsO8Il0='],
  ])('reads format 2, which earlier versions of the code wrote: %s', (_, value, old) => {
    const { document, ...entry } = entryOf(value);
    const bytes = Buffer.from(old, 'base64');
    expect(decodeEnvelope(bytes, form)).toMatchObject(entry);
    expect(decodeEnvelope(bytes, form)?.document?.value).toEqual(document?.value);
    for (let at = 14; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 0x55;
      expect(decodeEnvelope(damaged, form)).toBeUndefined();
    }
  });

  it('can be renewed without its body', () => {
    const entry = entryOf({ name: 'x'.repeat(1_000) });
    const bytes = stored(entry);
    const { identity, head } = encodeRenewal({ ...entry, storedAtMs: 5, stamp: 13, loadCostMs: 2_000 }, form);
    expect(bytes.toString('utf8', 2, 26)).toBe(identity);
    bytes.write(head, 26);
    expect(decodeEnvelope(bytes, form)).toMatchObject({
      storedAtMs: 5,
      stamp: 13,
      loadCostMs: 2_000,
      document: { value: { name: 'x'.repeat(1_000) } },
    });
  });

  it('is checked against the codec only when it was written under another shape', () => {
    const bytes = stored(entryOf({ name: 'x' }));
    const refuses = z.object({ name: z.string() }).refine(() => false);
    expect(decodeEnvelope(bytes, { ...form, codec: refuses })?.document?.value).toEqual({ name: 'x' });
    expect(decodeEnvelope(bytes, { ...form, codec: refuses, fingerprint: 1 })).toBeUndefined();
    const withMore = z.object({ name: z.string(), more: z.string().optional() });
    const wider = entryForm({ codec: withMore }, { memory, compressAboveBytes: 1 });
    expect(wider.fingerprint).not.toBe(form.fingerprint);
    expect(decodeEnvelope(bytes, wider)?.document?.value).toEqual({ name: 'x' });
  });

  describe('made with something that its value depends on', () => {
    const policy = { memory, compressAboveBytes: 500 };
    const [usd, eur] = [entryForm({ codec, madeWith: 'USD' }, policy), entryForm({ codec, madeWith: 'EUR' }, policy)];

    it.each([
      ['found', { name: 'x' }],
      ['compressed', { name: 'x'.repeat(600) }],
      ['not found', undefined],
    ])('is a miss for who makes it with something else: %s', (_, value) => {
      const bytes = stored(entryOf(value), usd);
      expect(decodeEnvelope(bytes, usd)?.document?.value).toEqual(value);
      for (const other of [eur, form]) {
        expect(decodeEnvelope(bytes, other)).toBeUndefined();
        expect(decodeEnvelope(stored(entryOf(value), other), usd)).toBeUndefined();
      }
    });

    it('is still checked against the codec, and no miss, where its shape is another one', () => {
      const wider = z.object({ name: z.string(), more: z.string().optional() });
      const bytes = stored(entryOf({ name: 'x' }), usd);
      expect(decodeEnvelope(bytes, entryForm({ codec: wider, madeWith: 'USD' }, policy))).toBeDefined();
      const other = z.object({ other: z.number() });
      expect(decodeEnvelope(bytes, entryForm({ codec: other, madeWith: 'USD' }, policy))).toBeUndefined();
    });

    it('belongs to who has renewed it with the same body', () => {
      const bytes = stored(entryOf({ name: 'x' }), usd);
      const { identity, head } = encodeRenewal(entryOf({ name: 'x' }), eur);
      expect(bytes.toString('utf8', 2, 26)).toBe(identity);
      bytes.write(head, 26);
      expect(decodeEnvelope(bytes, eur)?.document?.value).toEqual({ name: 'x' });
      expect(decodeEnvelope(bytes, usd)).toBeUndefined();
    });

    it('is not known of formats 1 and 2', () => {
      for (const old of [inFormat1(entryOf({ name: 'old' })), Buffer.from(FORMAT_2, 'base64')]) {
        expect(decodeEnvelope(old, form)).toBeDefined();
        expect(decodeEnvelope(old, usd)).toBeUndefined();
      }
    });
  });

  it('is unreadable, never an error, when it is damaged, of another format or another shape', () => {
    const good = stored(entryOf({ name: 'x' }));
    for (let length = 0; length < good.length; length++) {
      expect(decodeEnvelope(good.subarray(0, length), form)?.document).toBeUndefined();
    }
    for (let at = 0; at < good.length; at++) {
      const damaged = Buffer.from(good);
      damaged[at] = 0xff;
      expect(() => decodeEnvelope(damaged, form)).not.toThrow();
      if (at > 25) expect(decodeEnvelope(damaged, form)).toBeUndefined();
    }
    expect(decodeEnvelope(Buffer.concat([Buffer.from([9]), good.subarray(1)]), form)).toBeUndefined();
  });
});

describe('a cached document', () => {
  it('has a strong tag that depends on its bytes alone', () => {
    const [one, two] = [CachedDocument.of({ a: 1 }, ['x'], true), CachedDocument.of({ a: 1 }, [], false)];
    expect(one.etag).toBe(two.etag);
    expect(one.etag).toMatch(/^"[\w-]{22}"$/);
    expect(CachedDocument.of({ a: 2 }, [], true).etag).not.toBe(one.etag);
  });

  it('is frozen to the bottom where values are kept', () => {
    const { value } = CachedDocument.of({ list: [{ a: 1 }] }, [], true);
    expect(Object.isFrozen(value.list[0])).toBe(true);
  });

  it.each([true, false])('in memory is the same as before, values kept: %s', (keepsValue) => {
    const document = CachedDocument.of({ id: 'p', list: [{ a: 1 }] }, [], keepsValue);
    const { bytes, etag } = CachedDocument.of({ id: 'p', list: [{ a: 1 }] }, [], false);
    document.keep();
    expect(document.bytes).toEqual(bytes);
    expect(document.etag).toBe(etag);
    expect(document.value).toEqual({ id: 'p', list: [{ a: 1 }] });
    const [one, two] = [document.value, document.value];
    expect(one === two).toBe(keepsValue);
  });

  it('that came from redis is parsed once and frozen as soon as memory keeps its value', () => {
    const document = new CachedDocument<{ list: object[] }>(Buffer.from('{"list":[{}]}'), '', [], true);
    expect(document.value).not.toBe(document.value);
    document.keep();
    const { value } = document;
    expect(document.value).toBe(value);
    expect(Object.isFrozen(value.list[0])).toBe(true);
    expect(document.bytes.toString()).toBe('{"list":[{}]}');
  });

  it('names its tags for the edge, within what headers bear', () => {
    const tags = Array.from({ length: 300 }, (_, i) => `product:${i}`.padEnd(44, 'x'));
    const header = CachedDocument.of({}, tags, false).cacheTagHeader('productList');
    expect(header.startsWith('productList,product:0x')).toBe(true);
    expect(header.length).toBeLessThanOrEqual(4_096);
  });
});

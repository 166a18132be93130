import { isDeepStrictEqual } from 'node:util';
import { expect, it } from '@jest/globals';
import { z } from 'zod';
import type { CacheEntry } from './cache-entry.js';
import { CachedDocument } from './cached-document.js';
import { entryForm } from './entry-form.js';
import { decodeEnvelope, encodeEnvelope } from './envelope.js';

const essence = ({ document, tags, stamp, storedAtMs }: CacheEntry<unknown>) => ({
  text: document?.text,
  ...{ tags, stamp, storedAtMs },
});

const policy = { memory: { freshMs: 1, maxEntries: 1, maxBytes: 1, keepsValue: false }, compressAboveBytes: 500 };
const codec = z.object({ name: z.string() });

it.each([
  [20, undefined],
  [20, 'EUR'],
  [4_000, undefined],
])('with one bit changed, or its end cut off, it is a miss or what it was (%d bytes, %s)', (length, madeWith) => {
  const form = entryForm({ codec, ...(madeWith && { madeWith }) }, policy);
  const tags = ['a', 'ü'];
  const document = CachedDocument.of({ name: 'x'.repeat(length) }, tags, false);
  const about = { tags, lineage: 'l', stamp: 12, storedAtMs: 1_700_000_000_000, freshMs: 5_000, loadCostMs: 3 };
  const bytes = Buffer.from(encodeEnvelope({ document, ...about }, form).content);
  const isWrong = (damaged: Buffer): boolean => {
    try {
      const read = decodeEnvelope(damaged, form);
      return read !== undefined && !isDeepStrictEqual(essence(read), essence({ document, ...about }));
    } catch {
      return false; // read as a miss
    }
  };
  const wrong: string[] = [];
  for (let at = 0; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (bytes[at] ?? 0) ^ (1 << bit);
      if (isWrong(damaged)) wrong.push(`byte ${at} bit ${bit}`);
    }
  }
  for (let count = 0; count < bytes.length; count++) {
    if (isWrong(bytes.subarray(0, count))) wrong.push(`the first ${count}`);
  }
  expect(wrong).toEqual([]);
});

import { expect, it } from '@jest/globals';
import { z } from 'zod';
import { CachedDocument } from './cached-document.js';
import { entryForm } from './entry-form.js';
import { decodeEnvelope } from './envelope.js';
import { encodeFills } from './fills.js';

const form = entryForm(z.object({ text: z.string() }), {
  memory: { freshMs: 1, maxEntries: 1, maxBytes: 1, keepsValue: false },
  compressAboveBytes: 1_000_000,
});

/** Reads what was written, as the script does. */
function readFills(bytes: Buffer) {
  const fills: { token: string; ttl: string; text: string | undefined; size: number }[] = [];
  let at = 0;
  const take = (length: number) => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  const word = () => take(take(1).readUInt8()).toString('latin1');
  while (at < bytes.length) {
    const [token, ttl] = [word(), word()];
    const size = take(4).readUInt32BE();
    fills.push({ token, ttl, text: decodeEnvelope(take(size), form)?.document?.value.text, size });
  }
  return fills;
}

it('writes entries one behind the other, however long they are', () => {
  const texts = ['short', 'ü'.repeat(9_000), '', 'x'.repeat(50_000)];
  const fills = texts.map((text, i) => ({
    key: String(i),
    token: `token-${i}`,
    unchanged: false,
    entry: {
      document: CachedDocument.of({ text }, ['a'], false),
      tags: ['a'],
      lineage: 'one',
      stamp: i,
      storedAtMs: 1,
      freshMs: 1_000 * i,
      loadCostMs: 1,
    },
  }));
  const { bytes, sizes } = encodeFills(fills, form, ({ freshMs }) => freshMs + 0.4);
  expect(readFills(bytes)).toEqual(
    texts.map((text, i) => ({ token: `token-${i}`, ttl: String(1_000 * i || 1), text, size: sizes[i] })),
  );
});

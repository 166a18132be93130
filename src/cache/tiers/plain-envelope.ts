// Format 1, which is read and no longer written: one byte that names it, the length of the header, the header (JSON), the body.
import { z } from 'zod';
import type { CacheEntry } from './cache-entry.js';
import { CachedDocument } from './cached-document.js';
import type { EntryForm } from './entry-form.js';

export const FORMAT_PLAIN = 1;
const PREFIX_BYTES = 5;

const header = z.object({
  storedAtMs: z.number(),
  freshMs: z.number(),
  loadCostMs: z.number(),
  lineage: z.string(),
  stamp: z.number(),
  tags: z.array(z.string()).readonly(),
  /** Absent when the origin had nothing. */
  etag: z.string().optional(),
});

/** @returns undefined when the bytes are damaged or of another shape. */
export function decodePlainEnvelope<T>(bytes: Buffer, form: EntryForm<T>): CacheEntry<T> | undefined {
  if (bytes.length < PREFIX_BYTES) return undefined;
  const bodyAt = PREFIX_BYTES + bytes.readUInt32BE(1);
  if (bodyAt > bytes.length) return undefined;
  const about = header.safeParse(parseJson(bytes.subarray(PREFIX_BYTES, bodyAt)));
  if (!about.success) return undefined;
  const { etag, ...entry } = about.data;
  if (etag === undefined) return { ...entry, document: undefined };
  const body = bytes.subarray(bodyAt);
  if (!form.codec.safeParse(parseJson(body)).success) return undefined;
  return { ...entry, document: new CachedDocument<T>(body, etag, entry.tags, form.keepsValue) };
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

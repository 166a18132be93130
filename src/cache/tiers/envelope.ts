// How an entry lies in redis: one byte that names the format, the length of the header, the header (JSON), the body.
// A reader keeps understanding the formats of older releases; what it does not understand is a miss.
import { z } from 'zod';
import type { CacheEntry } from './cache-entry.js';
import { CachedDocument, exactBytes } from './cached-document.js';

const FORMAT_PLAIN = 1;
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

export function encodeEnvelope(entry: CacheEntry<unknown>): Buffer {
  const about = Buffer.from(
    JSON.stringify({
      storedAtMs: entry.storedAtMs,
      freshMs: entry.freshMs,
      loadCostMs: entry.loadCostMs,
      lineage: entry.lineage,
      // A stamp made in this process lies between two of redis: the earlier one is the one that others know.
      stamp: Math.floor(entry.stamp),
      tags: entry.tags,
      ...(entry.document && { etag: entry.document.etag }),
    } satisfies z.input<typeof header>),
  );
  const prefix = Buffer.allocUnsafe(PREFIX_BYTES);
  prefix.writeUInt8(FORMAT_PLAIN, 0);
  prefix.writeUInt32BE(about.length, 1);
  return Buffer.concat(entry.document ? [prefix, about, entry.document.bytes] : [prefix, about]);
}

/** @returns undefined when the bytes are no entry of this category: another format, damaged, or another shape. */
export function decodeEnvelope<T>(bytes: Buffer, codec: z.ZodType<T>, keepsValue: boolean): CacheEntry<T> | undefined {
  if (bytes.length < PREFIX_BYTES || bytes.readUInt8(0) !== FORMAT_PLAIN) return undefined;
  const bodyAt = PREFIX_BYTES + bytes.readUInt32BE(1);
  if (bodyAt > bytes.length) return undefined;
  const about = header.safeParse(parseJson(bytes.subarray(PREFIX_BYTES, bodyAt)));
  if (!about.success) return undefined;
  const { etag, ...entry } = about.data;
  if (etag === undefined) return { ...entry, document: undefined };
  const body = bytes.subarray(bodyAt);
  if (!codec.safeParse(parseJson(body)).success) return undefined;
  return { ...entry, document: new CachedDocument<T>(exactBytes(body), etag, entry.tags, keepsValue) };
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

// Format 2, which is read and no longer written. Numbers big-endian:
//
//   0 format  1 flags  2 checksum of the body  6 fingerprint of its shape  10 where the body begins
//   14 checksum of the rest of the head  18 stored at (ms)  26 logical stamp  34 fresh for (ms)  38 load cost (ms)
//   42 JSON: lineage, entity tag, tags…     then the body
import { crc32 } from 'node:zlib';
import type { CacheEntry } from './cache-entry.js';
import { CachedDocument } from './cached-document.js';
import type { EntryForm } from './entry-form.js';
import { FOUND, readBody } from './envelope-body.js';

export const FORMAT_BINARY = 2;
const NAMES_AT = 42;

/** @returns undefined when the bytes are damaged or of another shape. */
export function decodeBinaryEnvelope<T>(bytes: Buffer, form: EntryForm<T>): CacheEntry<T> | undefined {
  if (bytes.length < NAMES_AT) return undefined;
  const bodyAt = bytes.readUInt32BE(10);
  if (bodyAt > bytes.length || crc32(bytes.subarray(18, bodyAt)) !== bytes.readUInt32BE(14)) return undefined;
  const [lineage = '', etag = '', ...tags] = JSON.parse(bytes.toString('utf8', NAMES_AT, bodyAt)) as string[];
  const flags = bytes[1] ?? 0;
  let document: CachedDocument<T> | undefined;
  if ((flags & FOUND) !== 0) {
    const written = { flags, crc: bytes.readUInt32BE(2), fingerprint: bytes.readUInt32BE(6) };
    const body = readBody(bytes.subarray(bodyAt), written, form);
    if (!body) return undefined;
    document = new CachedDocument<T>(body, etag, tags, form.keepsValue);
  }
  return {
    document,
    tags,
    lineage,
    stamp: bytes.readDoubleBE(26),
    storedAtMs: bytes.readDoubleBE(18),
    freshMs: bytes.readUInt32BE(34),
    loadCostMs: bytes.readUInt32BE(38),
  };
}

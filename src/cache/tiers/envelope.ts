// How an entry lies in redis. Format 2, numbers big-endian:
//
//   0 format  1 flags  2 checksum of the body  6 fingerprint of its shape  10 where the body begins
//   14 checksum of the rest of the head  18 stored at (ms)  26 logical stamp  34 fresh for (ms)  38 load cost (ms)
//   42 JSON: lineage, entity tag (empty where values are kept: it is seldom asked for), tags…     then the body
//
// What follows byte 14 up to the body can be written anew without the body: a renewed entry keeps its body. A body whose
// shape has not changed since it was written is neither parsed nor checked. Formats of older releases stay readable;
// what is not understood is a miss.
import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { CacheEntry } from './cache-entry.js';
import { CachedDocument } from './cached-document.js';
import type { EntryForm } from './entry-form.js';
import { decodePlainEnvelope, FORMAT_PLAIN } from './plain-envelope.js';
import { Slab } from './slab.js';

const FORMAT = 2;
const FOUND = 1;
const COMPRESSED = 2;
const AT = {
  flags: 1,
  bodyCrc: 2,
  fingerprint: 6,
  bodyAt: 10,
  headCrc: 14,
  times: 18,
  stamp: 26,
  freshMs: 34,
  loadCostMs: 38,
  names: 42,
} as const;
/** The fastest level: on JSON of this size the next ones save a few per cent and take several times as long. */
const compression = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
/** What lineage and tags are expected to take. */
const NAMES_BYTES = 160;
const MAX_BODY_BYTES = 64 * 1_024 * 1_024;

export function encodeEnvelope<T>(entry: CacheEntry<T>, form: EntryForm<T>): Buffer {
  const slab = new Slab(AT.names + (entry.document?.bytes.length ?? 0) + NAMES_BYTES);
  appendEnvelope(slab, entry, form);
  return slab.written;
}

export function appendEnvelope<T>(slab: Slab, entry: CacheEntry<T>, form: EntryForm<T>): void {
  const { document } = entry;
  const body = document?.bytes;
  const small = body && body.length > form.compressAboveBytes && zstdCompressSync(body, compression);
  const isWorthIt = small && small.length < body.length;
  appendHead(slab, entry, form, (document ? FOUND : 0) | (isWorthIt ? COMPRESSED : 0));
  if (body) slab.append(isWorthIt ? small : body);
}

/** What a renewal needs: the head from its changeable part on, and what the entry must have before it. */
export function encodeRenewal<T>(entry: CacheEntry<T>, form: EntryForm<T>): { identity: Buffer; head: Buffer } {
  const slab = new Slab(AT.names + NAMES_BYTES);
  appendHead(slab, entry, form, 0);
  const head = slab.written;
  return { identity: head.subarray(AT.bodyCrc, AT.headCrc), head: head.subarray(AT.headCrc) };
}

/** @returns undefined when the bytes are no entry of this category: another format, damaged, or another shape. */
export function decodeEnvelope<T>(bytes: Buffer, form: EntryForm<T>): CacheEntry<T> | undefined {
  if (bytes[0] === FORMAT_PLAIN) return decodePlainEnvelope(bytes, form);
  if (bytes[0] !== FORMAT || bytes.length < AT.names) return undefined;
  const bodyAt = bytes.readUInt32BE(AT.bodyAt);
  if (bodyAt > bytes.length || crc32(bytes.subarray(AT.times, bodyAt)) !== bytes.readUInt32BE(AT.headCrc))
    return undefined;
  const [lineage = '', etag = '', ...tags] = JSON.parse(bytes.toString('utf8', AT.names, bodyAt)) as string[];
  let document: CachedDocument<T> | undefined;
  if (((bytes[AT.flags] ?? 0) & FOUND) !== 0) {
    const body = readBody(bytes, bodyAt, form);
    if (!body) return undefined;
    document = new CachedDocument<T>(body, etag, tags, form.keepsValue);
  }
  return {
    document,
    tags,
    lineage,
    stamp: bytes.readDoubleBE(AT.stamp),
    storedAtMs: bytes.readDoubleBE(AT.times),
    freshMs: bytes.readUInt32BE(AT.freshMs),
    loadCostMs: bytes.readUInt32BE(AT.loadCostMs),
  };
}

/** @returns undefined when it is damaged, or of a shape that the codec refuses */
function readBody<T>(bytes: Buffer, bodyAt: number, form: EntryForm<T>): Buffer | undefined {
  const body = bodyOf(bytes.subarray(bodyAt), bytes[AT.flags] ?? 0);
  if (!body || crc32(body) !== bytes.readUInt32BE(AT.bodyCrc)) return undefined;
  const isKnownShape = bytes.readUInt32BE(AT.fingerprint) === form.fingerprint;
  if (!isKnownShape && !form.codec.safeParse(JSON.parse(body.toString('utf8'))).success) return undefined;
  return body;
}

function appendHead<T>(slab: Slab, entry: CacheEntry<T>, form: EntryForm<T>, flags: number): void {
  const { document } = entry;
  const start = slab.length;
  slab.reserve(AT.names);
  slab.text(JSON.stringify([entry.lineage, (!form.keepsValue && document?.etag) || '', ...entry.tags]));
  const bodyAt = slab.length - start;
  const head = slab.written.subarray(start);
  head[0] = FORMAT;
  head[AT.flags] = flags;
  head.writeUInt32BE(document ? crc32(document.bytes) : 0, AT.bodyCrc);
  head.writeUInt32BE(form.fingerprint, AT.fingerprint);
  head.writeUInt32BE(bodyAt, AT.bodyAt);
  head.writeDoubleBE(entry.storedAtMs, AT.times);
  // A stamp made in this process lies between two of redis: the earlier one is the one that others know.
  head.writeDoubleBE(Math.floor(entry.stamp), AT.stamp);
  head.writeUInt32BE(wholeMs(entry.freshMs), AT.freshMs);
  head.writeUInt32BE(wholeMs(entry.loadCostMs), AT.loadCostMs);
  head.writeUInt32BE(crc32(head.subarray(AT.times)), AT.headCrc);
}

const wholeMs = (ms: number): number => Math.min(Math.max(0, Math.round(ms)), 0xffff_ffff);

function bodyOf(stored: Buffer, flags: number): Buffer | undefined {
  if ((flags & COMPRESSED) === 0) return stored;
  try {
    return zstdDecompressSync(stored, { maxOutputLength: MAX_BODY_BYTES });
  } catch {
    return undefined;
  }
}

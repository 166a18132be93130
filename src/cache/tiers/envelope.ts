// How an entry is stored in redis. Format 3: text, unless the body is compressed; numbers of fixed width in hexadecimal:
//
//   0 format  1 flags  2 checksum of the body  10 fingerprint of its shape  18 where the body begins
//   26 checksum of the rest of the head, begun with what the entry is made with
//   34 JSON: stored at (ms), logical stamp, fresh for (ms), load cost (ms), and from byte 98 on lineage, entity tag (empty
//      where values are kept: it is seldom asked for), tags…     then the body
//
// The text is joined from its parts and becomes bytes only on its way out of this process: many small buffers, and the
// copying of them, cost more than all the rest of a fill. A renewal writes bytes 26 up to the body, and keeps the body. A
// body whose shape has not changed since it was written is neither parsed nor checked. Formats 1 and 2, which earlier
// versions of this code wrote, stay readable, unless the category has a `madeWith`, which they do not record. Anything else
// is a miss.
import { crc32 } from 'node:zlib';
import { decodeBinaryEnvelope, FORMAT_BINARY } from './binary-envelope.js';
import type { CacheEntry } from './cache-entry.js';
import { CachedDocument } from './cached-document.js';
import type { EntryForm } from './entry-form.js';
import { COMPRESSED, compressed, FOUND, readBody } from './envelope-body.js';
import { decodePlainEnvelope, FORMAT_PLAIN } from './plain-envelope.js';

const FORMAT = '3'.charCodeAt(0);
const AT = { flags: 1, bodyCrc: 2, fingerprint: 10, bodyAt: 18, headCrc: 26, about: 34 } as const;
/** Width of the numbers in the JSON, padded: a renewed head is as long as the one before. */
const NUMBERS_CHARS = 64;

/** An entry as redis keeps it: text, or bytes where the body is compressed. */
export interface Envelope {
  readonly content: string | Buffer;
  readonly bytes: number;
}

export function encodeEnvelope<T>(entry: CacheEntry<T>, form: EntryForm<T>): Envelope {
  const { document } = entry;
  const about = aboutOf(entry, form);
  const bodyAt = bodyAtAfter(about);
  if (!document) return { content: `30${identityOf('', bodyAt, form)}${about}`, bytes: bodyAt };
  const { text } = document;
  const identity = identityOf(text, bodyAt, form);
  const bytes = Buffer.byteLength(text);
  const small = compressed(text, bytes, form);
  if (!small) return { content: `3${FOUND}${identity}${about}${text}`, bytes: bodyAt + bytes };
  const content = Buffer.concat([Buffer.from(`3${FOUND | COMPRESSED}${identity}${about}`), small]);
  return { content, bytes: content.length };
}

/** What a renewal needs: the head from its changeable part on, and what the entry must have before it. */
export function encodeRenewal<T>(entry: CacheEntry<T>, form: EntryForm<T>): { identity: string; head: string } {
  const about = aboutOf(entry, form);
  return { identity: identityOf(entry.document?.text ?? '', bodyAtAfter(about), form), head: about };
}

/** @returns undefined when the bytes are no entry of this category: another format, damaged, of another shape or made otherwise. */
export function decodeEnvelope<T>(bytes: Buffer, form: EntryForm<T>): CacheEntry<T> | undefined {
  if (bytes[0] !== FORMAT) return form.madeWith === 0 ? decodeOlder(bytes, form) : undefined;
  if (bytes.length < AT.about) return undefined;
  const bodyAt = hexAt(bytes, AT.bodyAt);
  if (bodyAt > bytes.length) return undefined;
  if (crc32(bytes.subarray(AT.about, bodyAt), form.madeWith) !== hexAt(bytes, AT.headCrc)) return undefined;
  const about = JSON.parse(bytes.toString('utf8', AT.about, bodyAt)) as About;
  const [storedAtMs, stamp, freshMs, loadCostMs, lineage, etag, ...tags] = about;
  const flags = (bytes[AT.flags] ?? 0) - ZERO;
  let document: CachedDocument<T> | undefined;
  if ((flags & FOUND) !== 0) {
    const written = { flags, crc: hexAt(bytes, AT.bodyCrc), fingerprint: hexAt(bytes, AT.fingerprint) };
    const body = readBody(bytes.subarray(bodyAt), written, form);
    if (!body) return undefined;
    document = new CachedDocument<T>(body, etag, tags, form.keepsValue);
  } else if (bytes.length !== bodyAt) {
    return undefined; // a damaged flag must not turn a document into "not found"
  }
  return { document, tags, lineage, stamp, storedAtMs, freshMs, loadCostMs };
}

function decodeOlder<T>(bytes: Buffer, form: EntryForm<T>): CacheEntry<T> | undefined {
  if (bytes[0] === FORMAT_BINARY) return decodeBinaryEnvelope(bytes, form);
  return bytes[0] === FORMAT_PLAIN ? decodePlainEnvelope(bytes, form) : undefined;
}

type About = [
  storedAtMs: number,
  stamp: number,
  freshMs: number,
  loadCostMs: number,
  lineage: string,
  etag: string,
  ...tags: string[],
];

/** The part of the head that a renewal changes, from the checksum of the rest on. */
function aboutOf<T>(entry: CacheEntry<T>, form: EntryForm<T>): string {
  // A stamp made in this process lies between two of redis: the earlier one is the one that others know.
  const stamp = Math.floor(entry.stamp);
  const numbers = `[${entry.storedAtMs},${stamp},${wholeMs(entry.freshMs)},${wholeMs(entry.loadCostMs)},`;
  const etag = (!form.keepsValue && entry.document?.etag) || '';
  const about = numbers.padEnd(NUMBERS_CHARS) + JSON.stringify([entry.lineage, etag, ...entry.tags]).slice(1);
  return hex(crc32(about, form.madeWith)) + about;
}

const bodyAtAfter = (about: string): number => AT.headCrc + Buffer.byteLength(about);

/** What stays as long as the body does. */
function identityOf<T>(body: string, bodyAt: number, form: EntryForm<T>): string {
  return hex(body === '' ? 0 : crc32(body)) + hex(form.fingerprint) + hex(bodyAt);
}

const wholeMs = (ms: number): number => Math.max(0, Math.round(ms));

const ZERO = 0x30;
const HEX_DIGITS = 8;
const HEX_BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** A 32-bit number, joined from four parts: `toString(16)` works on doubles and takes five times as long. */
function hex(value: number): string {
  return hexByte(value >>> 24) + hexByte(value >>> 16) + hexByte(value >>> 8) + hexByte(value);
}

const hexByte = (value: number): string => HEX_BYTES[value & 0xff] ?? '';

/** Bytes that are not digits give some other number, which fails the checks. */
function hexAt(bytes: Buffer, at: number): number {
  let value = 0;
  for (let i = at; i < at + HEX_DIGITS; i++) {
    const byte = bytes[i] ?? 0;
    value = value * 16 + (byte < 0x61 ? byte - ZERO : byte - 0x57);
  }
  return value;
}

import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { EntryForm } from './entry-form.js';

export const FOUND = 1;
export const COMPRESSED = 2;

/** The fastest level: on JSON of this size the next ones save a few per cent and take several times as long. */
const compression = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
const MAX_BODY_BYTES = 64 * 1_024 * 1_024;

/** @returns undefined when compression is not worth it */
export function compressed(
  text: string,
  bytes: number,
  { compressAboveBytes }: EntryForm<unknown>,
): Buffer | undefined {
  if (bytes <= compressAboveBytes) return undefined;
  const small = zstdCompressSync(text, compression);
  return small.length < bytes ? small : undefined;
}

/** @returns undefined when it is damaged, or of a shape that the codec refuses */
export function readBody<T>(
  stored: Buffer,
  written: { readonly flags: number; readonly crc: number; readonly fingerprint: number },
  form: EntryForm<T>,
): Buffer | undefined {
  const body = (written.flags & COMPRESSED) === 0 ? stored : expanded(stored);
  if (!body || crc32(body) !== written.crc) return undefined;
  const isKnownShape = written.fingerprint === form.fingerprint;
  if (!isKnownShape && !form.codec.safeParse(JSON.parse(body.toString('utf8'))).success) return undefined;
  return body;
}

function expanded(stored: Buffer): Buffer | undefined {
  try {
    return zstdDecompressSync(stored, { maxOutputLength: MAX_BODY_BYTES });
  } catch {
    return undefined;
  }
}

import { crc32 } from 'node:zlib';
import { z } from 'zod';
import type { CategoryPolicy } from '../cache-policy.js';

/** How the entries of one category are written down. */
export interface EntryForm<T> {
  /** Checks a body that was written under another shape, or before shapes were noted. */
  readonly codec: z.ZodType<T>;
  /** Names the shape: a body that carries it need not be checked again. */
  readonly fingerprint: number;
  readonly keepsValue: boolean;
  /** Longer bodies are compressed when that makes them smaller. */
  readonly compressAboveBytes: number;
}

export function entryForm<T>(
  codec: z.ZodType<T>,
  { memory, compressAboveBytes }: Pick<CategoryPolicy, 'memory' | 'compressAboveBytes'>,
): EntryForm<T> {
  const shape = z.toJSONSchema(codec, { io: 'input', unrepresentable: 'any' });
  return { codec, fingerprint: crc32(JSON.stringify(shape)), keepsValue: memory.keepsValue, compressAboveBytes };
}

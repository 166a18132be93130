import { crc32 } from 'node:zlib';
import { z } from 'zod';
import type { CategoryPolicy } from '../cache-policy.js';
import type { CategoryDefinition } from '../category-definition.js';

/** How the entries of one category are written down. */
export interface EntryForm<T> {
  /** Checks a body that was written under another shape, or before shapes were noted. */
  readonly codec: z.ZodType<T>;
  /** Names the shape: a body that carries it need not be checked again. */
  readonly fingerprint: number;
  /** Seed of the head's checksum: an entry made with something else fails it. 0: made with nothing in particular. */
  readonly madeWith: number;
  readonly keepsValue: boolean;
  /** Longer bodies are compressed when that makes them smaller. */
  readonly compressAboveBytes: number;
}

export function entryForm<T>(
  { codec, madeWith = '' }: Pick<CategoryDefinition<T>, 'codec' | 'madeWith'>,
  { memory, compressAboveBytes }: Pick<CategoryPolicy, 'memory' | 'compressAboveBytes'>,
): EntryForm<T> {
  const shape = z.toJSONSchema(codec, { io: 'input', unrepresentable: 'any' });
  return {
    codec,
    fingerprint: crc32(JSON.stringify(shape)),
    madeWith: crc32(madeWith),
    keepsValue: memory.keepsValue,
    compressAboveBytes,
  };
}

// Entries as `lua/cache-fill.lua` takes them: one behind the other, each after its lease and its time to live.
import type { CacheEntry } from './cache-entry.js';
import type { EntryForm } from './entry-form.js';
import { appendEnvelope } from './envelope.js';
import { Slab } from './slab.js';

/** What is stored under a lease. */
export interface LeasedEntry<T> {
  readonly key: string;
  readonly token: string;
  readonly entry: CacheEntry<T>;
  /** The origin said that the body has not changed: only what is known about it is written. */
  readonly unchanged: boolean;
}

export interface EncodedFills {
  readonly bytes: Buffer;
  /** Bytes of each entry, in their order. */
  readonly sizes: readonly number[];
}

/** A guess: the buffer grows when they are larger. */
const EXPECTED_BYTES = 1_500;

export function encodeFills<T>(
  fills: readonly LeasedEntry<T>[],
  form: EntryForm<T>,
  ttlMs: (entry: CacheEntry<T>) => number,
): EncodedFills {
  const slab = new Slab(fills.length * EXPECTED_BYTES);
  const sizes = fills.map(({ token, entry }) => {
    appendWord(slab, token);
    appendWord(slab, String(Math.max(1, Math.round(ttlMs(entry)))));
    return appendSized(slab, () => appendEnvelope(slab, entry, form));
  });
  return { bytes: slab.written, sizes };
}

/** A short word of ASCII after its length. */
function appendWord(slab: Slab, word: string): void {
  const at = slab.length;
  const buffer = slab.reserve(1 + word.length);
  buffer[at] = word.length;
  buffer.write(word, at + 1, 'latin1');
}

/** Puts the length of what is appended before it. @returns that length */
function appendSized(slab: Slab, append: () => void): number {
  const at = slab.length;
  slab.reserve(4);
  append();
  const size = slab.length - at - 4;
  slab.written.writeUInt32BE(size, at);
  return size;
}

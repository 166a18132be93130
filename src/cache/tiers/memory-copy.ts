import type { Clock } from '../../platform/clock.js';
import type { FoundAnswer } from '../cache-answer.js';
import type { CacheEntry } from './cache-entry.js';
import type { CachedDocument } from './cached-document.js';
import type { Stored } from './scan-resistant-store.js';

/**
 * An entry in this process, with the times at which something happens to it: whole milliseconds after `storedAtMs`, since a
 * small integer takes no memory of its own and a time of day does.
 */
export interface MemoryCopy<T> extends Stored, CacheEntry<T> {
  /** From here on it is refreshed in the background. */
  readonly refreshAfterMs: number;
  /** From here on it is not served while redis and the origin answer. */
  readonly serveForMs: number;
  /** Multiple of its category's memory time that it gets: more for keys that are read all the time. */
  readonly stretch: number;
  /** Version of the tag space at which it was last found valid. */
  checkedVersion: number;
  /** The answer of its fresh hits, made at the first one. */
  hit: FreshHit<T> | undefined;
}

/**
 * The answer of a fresh copy, the same object at every hit, so that a hit allocates nothing: values that depend on the time
 * are computed when they are read. As with any answer, the copy was fresh when this was given.
 */
export class FreshHit<T> implements FoundAnswer<T> {
  /** This answer, for those who wait for one. */
  readonly promise: Promise<FoundAnswer<T>>;

  constructor(
    readonly document: CachedDocument<T>,
    private readonly entry: CacheEntry<T>,
    private readonly clock: Clock,
  ) {
    this.promise = Promise.resolve(this);
  }

  get found(): true {
    return true;
  }

  get tier(): 'memory' {
    return 'memory';
  }

  get stale(): false {
    return false;
  }

  get ageMs(): number {
    return Math.max(0, this.clock.nowMs() - this.entry.storedAtMs);
  }

  get ttlMs(): number {
    return Math.max(0, this.entry.freshMs - this.ageMs);
  }
}

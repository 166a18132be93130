import type { Clock } from '../../platform/clock.js';
import type { FoundAnswer } from '../cache-answer.js';
import type { CacheEntry } from './cache-entry.js';
import type { CachedDocument } from './cached-document.js';
import type { Stored } from './scan-resistant-store.js';

/**
 * An entry in this process, with the times at which something is to happen to it: whole milliseconds after it was stored
 * at the origin, since a small integer takes no memory beside its place and a time of day does.
 */
export interface MemoryCopy<T> extends Stored, CacheEntry<T> {
  /** From here on it is looked for anew in the background. */
  readonly refreshAfterMs: number;
  /** From here on it is not served while redis and the origin answer. */
  readonly serveForMs: number;
  /** How many times the memory time of its category it has: more for what is read all the time. */
  readonly stretch: number;
  /** Version of the tag space at which it was last found valid. */
  checkedVersion: number;
  /** What its fresh hits are answered with, once there was one. */
  hit: FreshHit<T> | undefined;
}

/**
 * The answer of a copy that is fresh, the same one at every hit, so that a hit makes nothing: what depends on the time is
 * said when it is asked for. Whether the copy still is fresh was seen when this was given, as with any answer.
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

import type { CategoryPolicy } from '../cache-policy.js';
import type { CachedDocument } from './cached-document.js';

/** Where an answer came from. */
export type Tier = 'memory' | 'redis' | 'origin';

/** What a load found out about a key, as it stands in every tier. */
export interface CacheEntry<T> {
  /** Undefined: the origin has nothing under this key. */
  readonly document: CachedDocument<T> | undefined;
  readonly tags: readonly string[];
  /** The space of stamps that `stamp` belongs to; stamps of another lineage say nothing. */
  readonly lineage: string;
  /** The logical clock when the load began: an invalidation of one of the tags with a later stamp makes the entry void. */
  readonly stamp: number;
  /** When the origin answered (application clock, ms). */
  readonly storedAtMs: number;
  /** How long after that it counts as fresh: the category's time less jitter. */
  readonly freshMs: number;
  /** What loading it took. */
  readonly loadCostMs: number;
}

/** The fresh time of a new entry: shortened at random, so that entries loaded together do not end together. */
export function drawFreshMs(policy: CategoryPolicy, found: boolean): number {
  const freshMs = found ? policy.redis.freshMs : policy.negativeMs;
  return Math.round(freshMs * (1 - policy.jitter * Math.random()));
}

/**
 * When an entry should be loaded anew although it is still fresh: XFetch (Vattani, Chierichetti, Lowenstein: Optimal
 * Probabilistic Cache Stampede Prevention, VLDB 2015). The draw is made once for each copy instead of at each read, so
 * that a read costs one comparison; the processes draw apart from each other.
 */
export function drawEarlyRefreshMs(entry: CacheEntry<unknown>, policy: CategoryPolicy): number {
  const gapMs = -entry.loadCostMs * policy.earlyRefreshFactor * Math.log(1 - Math.random());
  return entry.storedAtMs + entry.freshMs - gapMs;
}

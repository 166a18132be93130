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
  /** How long loading it took. */
  readonly loadCostMs: number;
}

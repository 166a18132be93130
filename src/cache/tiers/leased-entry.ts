import type { CacheEntry } from './cache-entry.js';

/** What is stored under a lease. */
export interface LeasedEntry<T> {
  readonly key: string;
  readonly token: string;
  readonly entry: CacheEntry<T>;
  /** The origin said that the body has not changed: only the head is written. */
  readonly unchanged: boolean;
}

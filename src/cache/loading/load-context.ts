import type { CachedDocument } from '../tiers/cached-document.js';

/** What a loader answers when the origin says that nothing has changed since the previous value (as HTTP says 304). */
export const unchanged: unique symbol = Symbol('unchanged');
/** The type of `unchanged`. */
export type Unchanged = typeof unchanged;

/** What a loader is given besides the keys, and what it may report. */
export interface LoadContext<T = unknown> {
  /** Aborted at the deadline: whoever waits has been given an error by then. */
  readonly signal: AbortSignal;
  /**
   * The last known document, perhaps invalidated since. A loader that finds it still the same as the origin's (by version or
   * `etag`) may answer `unchanged`: then its body is not written again.
   */
  previous(key: string): CachedDocument<T> | undefined;
  /**
   * How long this value counts as fresh, instead of the time of its category (ms; no jitter is added); at most a year.
   * @throws RangeError for an invalid time
   */
  freshFor(key: string, freshMs: number): void;
}

/** Reads values from the origin; a key without a value there is left out. */
export type LoadMany<T> = (
  keys: readonly string[],
  context: LoadContext<T>,
) => Promise<ReadonlyMap<string, T | Unchanged>>;

import type { CachedDocument } from '../tiers/cached-document.js';

/** What a loader answers when the origin says that nothing has changed since the previous value (as HTTP says 304). */
export const unchanged: unique symbol = Symbol('unchanged');
/** The type of `unchanged`. */
export type Unchanged = typeof unchanged;

/** What a loader is told beside the keys, and what it may say. */
export interface LoadContext<T = unknown> {
  /** Aborted at the deadline: whoever waits has been given an error by then. */
  readonly signal: AbortSignal;
  /**
   * The last known document, perhaps invalidated since: a loader that finds the origin's still to be the same (by its
   * version, by its `etag`) may answer `unchanged`, and nothing is written anew but its times.
   */
  previous(key: string): CachedDocument<T> | undefined;
  /**
   * How long this value counts as fresh, instead of the time of its category (ms, jitter included by the caller); more than
   * a year is a year. @throws RangeError for what is no time
   */
  freshFor(key: string, freshMs: number): void;
}

/** Reads values from the origin; a key without a value there is left out. */
export type LoadMany<T> = (
  keys: readonly string[],
  context: LoadContext<T>,
) => Promise<ReadonlyMap<string, T | Unchanged>>;

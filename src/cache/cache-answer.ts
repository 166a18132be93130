import type { CacheEntry, Tier } from './tiers/cache-entry.js';
import type { CachedDocument } from './tiers/cached-document.js';

/**
 * - `redis-down`: from memory, while invalidations cannot be received.
 * - `origin-failed`: past its time, because the load failed.
 * - `origin-limited`: the same, because too many loads wanted the origin.
 */
export type Degradation = 'redis-down' | 'origin-failed' | 'origin-limited';

/** Common to every answer: its tier, its age, and how long it still counts as fresh (ms, negative after that). */
interface AnswerBase {
  readonly tier: Tier;
  readonly ageMs: number;
  readonly ttlMs: number;
  /** Past its fresh time, or given while it could not be checked: the origin failed or redis is out. */
  readonly stale: boolean;
  /** Why an answer was given that normally would not be. */
  readonly degraded?: Degradation | undefined;
}

/** There is something under the key. */
export interface FoundAnswer<T> extends AnswerBase {
  readonly found: true;
  readonly document: CachedDocument<T>;
}

/** The origin has nothing under the key. */
export interface NotFoundAnswer extends AnswerBase {
  readonly found: false;
}

/** The answer of a read. */
export type CacheAnswer<T> = FoundAnswer<T> | NotFoundAnswer;

export function answerOf<T>(
  entry: CacheEntry<T>,
  tier: Tier,
  nowMs: number,
  stale: boolean,
  degraded?: Degradation | undefined,
): CacheAnswer<T> {
  const ageMs = Math.max(0, nowMs - entry.storedAtMs);
  const ttlMs = entry.freshMs - ageMs;
  const { document } = entry;
  return document === undefined
    ? { found: false, tier, ageMs, ttlMs, stale, degraded }
    : { found: true, document, tier, ageMs, ttlMs, stale, degraded };
}

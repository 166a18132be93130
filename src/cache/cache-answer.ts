import type { CacheEntry, Tier } from './tiers/cache-entry.js';
import type { CachedDocument } from './tiers/cached-document.js';

/** What is common to every answer: which tier gave it, how old it is, how long it still counts as fresh (ms, negative when stale). */
interface AnswerBase {
  readonly tier: Tier;
  readonly ageMs: number;
  readonly ttlMs: number;
  /** Past its fresh time, or given while it could not be checked: the origin failed or redis is out. */
  readonly stale: boolean;
}
export interface FoundAnswer<T> extends AnswerBase {
  readonly found: true;
  readonly document: CachedDocument<T>;
}
export interface NotFoundAnswer extends AnswerBase {
  readonly found: false;
}
export type CacheAnswer<T> = FoundAnswer<T> | NotFoundAnswer;

export function answerOf<T>(entry: CacheEntry<T>, tier: Tier, nowMs: number, stale: boolean): CacheAnswer<T> {
  const ageMs = Math.max(0, nowMs - entry.storedAtMs);
  const ttlMs = entry.freshMs - ageMs;
  const { document } = entry;
  return document === undefined
    ? { found: false, tier, ageMs, ttlMs, stale }
    : { found: true, document, tier, ageMs, ttlMs, stale };
}

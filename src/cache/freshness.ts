// How long an entry is usable, by the times of its policy row: fresh; then late but served while it is reloaded; then only
// when the origin fails. An operator may extend the late times (`serveStaleMs`). "Not found" is never served late: the thing
// may exist by now. An entry that an invalidation has made void is never served, whatever is said here (`TagSpace`).
import { type CategoryPolicy, lateMs } from './cache-policy.js';
import type { CategoryControls } from './controls/category-controls.js';
import type { CacheEntry } from './tiers/cache-entry.js';
import type { MemoryCopy } from './tiers/memory-copy.js';

type EntryTimes = Pick<CacheEntry<unknown>, 'document' | 'storedAtMs' | 'freshMs'>;
type OperatorsTime = Pick<CategoryControls, 'serveStaleMs'>;

/** The fresh time of a new entry: shortened at random, so that entries loaded together do not expire together. */
export function drawFreshMs(policy: CategoryPolicy, found: boolean): number {
  const freshMs = found ? policy.redis.freshMs : policy.negativeMs;
  return Math.round(freshMs * (1 - policy.jitter * Math.random()));
}

/**
 * When an entry should be reloaded although it is still fresh: XFetch (Vattani, Chierichetti, Lowenstein: Optimal
 * Probabilistic Cache Stampede Prevention, VLDB 2015). The draw is made once for each copy instead of at each read, so that
 * a read costs one comparison; each process draws its own.
 */
export function drawEarlyRefreshMs(entry: CacheEntry<unknown>, policy: CategoryPolicy): number {
  const gapMs = -entry.loadCostMs * policy.earlyRefreshFactor * Math.log(1 - Math.random());
  return entry.storedAtMs + entry.freshMs - gapMs;
}

/** Until when an entry is served, late or not; after its fresh time it is reloaded meanwhile. */
export function staleUntilMs(entry: EntryTimes, { staleMs }: CategoryPolicy, { serveStaleMs }: OperatorsTime): number {
  return lateUntilMs(entry, staleMs + serveStaleMs);
}

/** The same for a copy in memory, which has its own, shorter time (`MemoryTier`). */
export function memoryStaleUntilMs(
  { document, storedAtMs, serveForMs }: Pick<MemoryCopy<unknown>, 'document' | 'storedAtMs' | 'serveForMs'>,
  { serveStaleMs }: OperatorsTime,
): number {
  return storedAtMs + serveForMs + (document ? serveStaleMs : 0);
}

/** Until when an entry is served while the origin fails or redis is out. */
export function failSafeUntilMs(
  entry: EntryTimes,
  { failSafeMs }: CategoryPolicy,
  { serveStaleMs }: OperatorsTime,
): number {
  return lateUntilMs(entry, failSafeMs + serveStaleMs);
}

/** How long redis keeps a document after its fresh time. */
export function keptLateMs(policy: CategoryPolicy, { serveStaleMs }: OperatorsTime): number {
  return lateMs(policy) + serveStaleMs;
}

function lateUntilMs({ document, storedAtMs, freshMs }: EntryTimes, lateByMs: number): number {
  return storedAtMs + freshMs + (document ? lateByMs : 0);
}

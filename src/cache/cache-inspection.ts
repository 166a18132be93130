import type { AnyCategory } from './any-category.js';
import type { CacheEntry } from './tiers/cache-entry.js';

/** One tier's copy of an entry. Times in milliseconds. */
export interface TierInspection {
  /** `down`: the tier could not be asked. `void`: there, but invalidated, so never served. */
  readonly state: 'present' | 'absent' | 'void' | 'unreadable' | 'down';
  readonly found?: boolean;
  readonly ageMs?: number;
  /** Negative when stale. */
  readonly freshForMs?: number;
  /** Until redis expires it. */
  readonly expiresInMs?: number;
  readonly tags?: readonly string[];
  readonly bytes?: number;
  readonly etag?: string;
  readonly loadCostMs?: number;
}

/** What each tier holds under one key. */
export interface EntryInspection {
  readonly category: string;
  readonly key: string;
  readonly memory: TierInspection;
  readonly redis: TierInspection;
}

export async function inspectEntry(category: AnyCategory, key: string, nowMs: number): Promise<EntryInspection> {
  const copy = category.copies.look(key);
  const read = await category.copies.readRedis(key);
  const [expiresInMs = -1] = await category.copies.redisExpiriesMs([key]);
  const redis: TierInspection =
    read.state === 'entry'
      ? { ...describe(category, key, read.entry, nowMs), ...(expiresInMs >= 0 && { expiresInMs }) }
      : { state: read.state === 'miss' ? 'absent' : read.state };
  return {
    category: category.name,
    key,
    memory: copy ? describe(category, key, copy, nowMs) : { state: 'absent' },
    redis,
  };
}

function describe(category: AnyCategory, key: string, entry: CacheEntry<unknown>, nowMs: number): TierInspection {
  const ageMs = nowMs - entry.storedAtMs;
  return {
    state: category.copies.isVoid(key, entry) ? 'void' : 'present',
    found: entry.document !== undefined,
    ageMs,
    freshForMs: Math.round(entry.freshMs - ageMs),
    tags: entry.tags,
    loadCostMs: entry.loadCostMs,
    ...(entry.document && { bytes: entry.document.bytes.length, etag: entry.document.etag }),
  };
}

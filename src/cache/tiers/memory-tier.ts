import { type CategoryPolicy, cacheLimits } from '../cache-policy.js';
import type { CategoryControls } from '../controls/category-controls.js';
import { drawEarlyRefreshMs } from '../freshness.js';
import type { CacheEntry } from './cache-entry.js';
import type { MemoryCopy } from './memory-copy.js';
import { ScanResistantStore } from './scan-resistant-store.js';

type CopyTimes = Pick<MemoryCopy<unknown>, 'refreshAfterMs' | 'serveForMs'>;

/** What an entry takes besides its document. */
const ENTRY_BYTES = 300;

/** The entries of one category in this process. */
export class MemoryTier<T> {
  private readonly copies: ScanResistantStore<MemoryCopy<T>>;

  constructor(
    private readonly policy: CategoryPolicy,
    private readonly controls: CategoryControls,
  ) {
    this.copies = new ScanResistantStore(policy.memory.maxEntries, policy.memory.maxBytes);
  }

  get(key: string): MemoryCopy<T> | undefined {
    return this.copies.get(key);
  }

  /** Looks without counting as a use. */
  look(key: string): MemoryCopy<T> | undefined {
    return this.copies.look(key);
  }

  put(key: string, entry: CacheEntry<T>, nowMs: number, checkedVersion: number): void {
    const previous = this.copies.look(key);
    const stretch = this.stretchOf(previous);
    const times = this.timesOf(entry, nowMs, stretch);
    this.store(copyOf(key, entry, times, stretch, checkedVersion), previous);
  }

  /** Keeps an entry that is served because the origin failed, until it is tried again. */
  putThrottled(key: string, entry: CacheEntry<T>, nowMs: number, checkedVersion: number): void {
    const refreshAfterMs = Math.round(nowMs + cacheLimits.failSafeThrottleMs - entry.storedAtMs);
    const serveForMs = refreshAfterMs + cacheLimits.failSafeThrottleMs;
    this.store(copyOf(key, entry, { refreshAfterMs, serveForMs }, 1, checkedVersion), this.copies.look(key));
  }

  /** @returns whether there was one. */
  delete(key: string): boolean {
    return this.copies.delete(key);
  }

  /** @returns how many there were. */
  clear(): number {
    const count = this.copies.entries;
    this.copies.clear();
    return count;
  }

  /** Some keys, drawn at random: each has the same chance (Vitter 1985, algorithm R). Walks through all of them. */
  drawKeys(count: number): string[] {
    const drawn: string[] = [];
    let seen = 0;
    for (const key of this.copies.keys()) {
      seen++;
      const place = drawn.length < count ? drawn.length : Math.floor(Math.random() * seen);
      if (place < count) drawn[place] = key;
    }
    return drawn;
  }

  get entries(): number {
    return this.copies.entries;
  }

  get bytes(): number {
    return this.copies.bytes;
  }

  get evictions(): number {
    return this.copies.evictions;
  }

  private store(copy: MemoryCopy<T>, previous: MemoryCopy<T> | undefined): void {
    if (this.controls.memory && this.copies.set(copy, previous)) copy.document?.keep();
  }

  /** A key read at least once a second during its last stay in memory stays twice as long, up to a limit. */
  private stretchOf(previous: MemoryCopy<T> | undefined): number {
    if (!previous) return 1;
    const isHot = previous.uses * 1_000 >= this.policy.memory.freshMs * previous.stretch;
    return isHot ? Math.min(2 * previous.stretch, cacheLimits.hotStretch) : 1;
  }

  private timesOf(entry: CacheEntry<T>, nowMs: number, stretch: number): CopyTimes {
    const { memory, jitter, staleMs } = this.policy;
    // "Not found" is never served late: the thing may exist by now.
    if (!entry.document) return { refreshAfterMs: entry.freshMs, serveForMs: entry.freshMs };
    const memoryMs = memory.freshMs * stretch * (1 - jitter * Math.random());
    const checkAfterMs = Math.min(nowMs - entry.storedAtMs + memoryMs, entry.freshMs);
    const earlyAfterMs = drawEarlyRefreshMs(entry, this.policy) - entry.storedAtMs;
    return {
      refreshAfterMs: Math.round(Math.min(checkAfterMs, earlyAfterMs)),
      serveForMs: Math.round(checkAfterMs + staleMs),
    };
  }
}

/**
 * All members at once, so that every copy has the same small layout; those that a hit reads lie beside each other and are
 * fetched together.
 */
function copyOf<T>(
  key: string,
  entry: CacheEntry<T>,
  { refreshAfterMs, serveForMs }: CopyTimes,
  stretch: number,
  checkedVersion: number,
): MemoryCopy<T> {
  return {
    uses: 0,
    document: entry.document,
    storedAtMs: entry.storedAtMs,
    freshMs: entry.freshMs,
    refreshAfterMs,
    checkedVersion,
    hit: undefined,
    key,
    bytes: (entry.document?.memoryBytes ?? ENTRY_BYTES) + key.length * 2,
    queue: undefined,
    before: undefined,
    after: undefined,
    tags: entry.tags,
    lineage: entry.lineage,
    stamp: entry.stamp,
    loadCostMs: entry.loadCostMs,
    serveForMs,
    stretch,
  };
}

import { LRUCache } from 'lru-cache';
import { type CategoryPolicy, cacheLimits } from '../cache-policy.js';
import type { CategoryControls } from '../controls/category-controls.js';
import { type CacheEntry, drawEarlyRefreshMs } from './cache-entry.js';

/** An entry in this process, with the times at which something is to happen to it (application clock, ms). */
export interface MemoryCopy<T> {
  readonly entry: CacheEntry<T>;
  /** From here on it is looked for anew in the background. */
  refreshAtMs: number;
  /** From here on the document is stale. */
  readonly freshUntilMs: number;
  /** From here on it is not served while redis and the origin answer. */
  readonly serveUntilMs: number;
  /** From here on it is not served at all. */
  readonly failSafeUntilMs: number;
  /** Version of the tag space at which it was last found valid. */
  checkedVersion: number;
}

/** The entries of one category in this process: storage bounded in entries and bytes, least recently used goes first. */
export class MemoryTier<T> {
  /** Copies that had to go for others, since the start. */
  evictions = 0;
  private readonly copies: LRUCache<string, MemoryCopy<T>>;

  constructor(
    private readonly policy: CategoryPolicy,
    private readonly controls: CategoryControls,
  ) {
    const { maxEntries, maxBytes } = policy.memory;
    // One document must not push out all the others.
    this.copies = new LRUCache({
      max: maxEntries,
      maxSize: maxBytes,
      maxEntrySize: Math.ceil(maxBytes / 8),
      dispose: (_copy, _key, reason) => {
        if (reason === 'evict') this.evictions++;
      },
    });
  }

  get(key: string): MemoryCopy<T> | undefined {
    return this.copies.get(key);
  }

  /** Looks without counting as a use. */
  look(key: string): MemoryCopy<T> | undefined {
    return this.copies.peek(key);
  }

  put(key: string, entry: CacheEntry<T>, nowMs: number, checkedVersion: number): MemoryCopy<T> {
    const copy = { ...this.timesOf(entry, nowMs), entry, checkedVersion };
    this.store(key, copy);
    return copy;
  }

  /** Keeps an entry that is served because the origin failed, until it is tried again. */
  putThrottled(key: string, entry: CacheEntry<T>, nowMs: number, checkedVersion: number): MemoryCopy<T> {
    const refreshAtMs = nowMs + cacheLimits.failSafeThrottleMs;
    const serveUntilMs = refreshAtMs + cacheLimits.failSafeThrottleMs;
    const copy = { ...this.timesOf(entry, nowMs), refreshAtMs, serveUntilMs, entry, checkedVersion };
    this.store(key, copy);
    return copy;
  }

  /** @returns whether there was one. */
  delete(key: string): boolean {
    return this.copies.delete(key);
  }

  /** @returns how many there were. */
  clear(): number {
    const count = this.copies.size;
    this.copies.clear();
    return count;
  }

  get entries(): number {
    return this.copies.size;
  }

  get bytes(): number {
    return this.copies.calculatedSize;
  }

  private store(key: string, copy: MemoryCopy<T>): void {
    if (!this.controls.memory) return;
    const bytes = copy.entry.document?.memoryBytes ?? 300;
    this.copies.set(key, copy, { size: bytes + key.length * 2 });
  }

  private timesOf(entry: CacheEntry<T>, nowMs: number) {
    const { memory, jitter, staleMs, failSafeMs } = this.policy;
    const freshUntilMs = entry.storedAtMs + entry.freshMs;
    // "Not found" is never served late: something may have come into being.
    if (!entry.document) {
      return {
        refreshAtMs: freshUntilMs,
        freshUntilMs,
        serveUntilMs: freshUntilMs,
        failSafeUntilMs: freshUntilMs,
      };
    }
    const checkAgainAtMs = Math.min(nowMs + memory.freshMs * (1 - jitter * Math.random()), freshUntilMs);
    return {
      refreshAtMs: Math.min(checkAgainAtMs, drawEarlyRefreshMs(entry, this.policy)),
      freshUntilMs,
      serveUntilMs: checkAgainAtMs + staleMs,
      failSafeUntilMs: freshUntilMs + failSafeMs,
    };
  }
}

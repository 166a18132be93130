// Turns the result of one loader call into the entries to keep.
import { cacheLimits } from '../cache-policy.js';
import { drawFreshMs } from '../freshness.js';
import type { CacheEntry } from '../tiers/cache-entry.js';
import { CachedDocument } from '../tiers/cached-document.js';
import type { CacheEngine, CategoryParts } from './category-parts.js';
import type { Flight } from './flights.js';
import { type LoadContext, type Unchanged, unchanged } from './load-context.js';

export class LoadedEntries<T> {
  private readonly flights: ReadonlyMap<string, Flight<T>>;
  private readonly lineage: string;
  private readonly stamp: number;
  private readonly startedAtMs: number;
  private storedAtMs = 0;
  private readonly freshFor = new Map<string, number>();
  /** The entries the loader was given to compare with: `unchanged` means these, whatever becomes of the copy meanwhile. */
  private readonly given = new Map<string, CacheEntry<T>>();

  /** Made when the load begins: a later invalidation makes its entries void. */
  constructor(
    private readonly engine: CacheEngine,
    private readonly parts: CategoryParts<T>,
    flights: readonly Flight<T>[],
  ) {
    this.flights = new Map(flights.map((flight) => [flight.key, flight]));
    this.lineage = engine.space.lineage;
    this.stamp = engine.space.stamp;
    this.startedAtMs = engine.clock.nowMs();
  }

  get keys(): string[] {
    return [...this.flights.keys()];
  }

  /** What the loader is given, and how it reports more than its values. */
  context(signal: AbortSignal): LoadContext<T> {
    return {
      signal,
      previous: (key) => {
        const entry = this.flights.has(key) ? this.previousOf(key) : undefined;
        if (entry) this.given.set(key, entry);
        return entry?.document;
      },
      freshFor: (key, freshMs) => {
        if (!(freshMs >= 0 && freshMs < Number.POSITIVE_INFINITY))
          throw new RangeError(`${key} cannot be fresh for ${freshMs} ms`);
        this.freshFor.set(key, Math.min(freshMs, cacheLimits.longestFreshMs));
      },
    };
  }

  /** The loader has answered. */
  end(): void {
    this.storedAtMs = this.engine.clock.nowMs();
  }

  /** @throws when the value has no JSON or no tags, or is called unchanged and there was none */
  entryOf(key: string, value: T | Unchanged | undefined): CacheEntry<T> {
    const { policy, tagsOf } = this.parts;
    const freshMs = this.freshFor.get(key) ?? drawFreshMs(policy, value !== undefined);
    if (value === unchanged) {
      const previous = this.given.get(key) ?? this.previousOf(key);
      if (!previous?.document) throw new Error(`the loader says that ${key} is unchanged, and there was none`);
      return this.entry(previous.document, previous.tags, freshMs);
    }
    const tags = eachOnce(tagsOf(key, value));
    const document = value === undefined ? undefined : CachedDocument.of(value, tags, policy.memory.keepsValue);
    return this.entry(document, tags, freshMs);
  }

  private previousOf(key: string): CacheEntry<T> | undefined {
    return this.flights.get(key)?.previous ?? this.parts.memory.look(key);
  }

  /** All members in one literal: an object built by spreading takes more memory, and one is made for each kept entry. */
  private entry(document: CachedDocument<T> | undefined, tags: readonly string[], freshMs: number): CacheEntry<T> {
    const { lineage, stamp, storedAtMs } = this;
    return { document, tags, lineage, stamp, storedAtMs, freshMs, loadCostMs: storedAtMs - this.startedAtMs };
  }
}

function eachOnce(tags: readonly string[]): readonly string[] {
  // Usually few and distinct: comparing them costs less than a set.
  const isOnce = tags.length <= FEW_TAGS && tags.every((tag, i) => tags.indexOf(tag) === i);
  return isOnce ? tags : [...new Set(tags)];
}

const FEW_TAGS = 8;

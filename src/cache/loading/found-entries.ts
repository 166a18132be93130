// Decides about an entry that redis has: it lands, is the fallback of its load, or is unusable; and it may be served while
// it is reloaded.
import { drawEarlyRefreshMs, failSafeUntilMs, staleUntilMs } from '../freshness.js';
import type { CacheEntry } from '../tiers/cache-entry.js';
import type { RedisRead } from '../tiers/redis-tier.js';
import type { CacheEngine, CategoryParts } from './category-parts.js';
import type { Flight, Landed } from './flights.js';
import type { Landing } from './landing.js';

/** Flights whose reads could not be landed. */
export interface Unlanded<T> {
  /** Redis gave no answer. */
  readonly down: Flight<T>[];
  /** There is nothing for these. */
  readonly absent: Flight<T>[];
  /** Redis has an unusable entry for these. */
  readonly unusable: Flight<T>[];
}

const DOWN = { state: 'down' } as const;

export class FoundEntries<T> {
  constructor(
    private readonly engine: CacheEngine,
    private readonly parts: CategoryParts<T>,
    private readonly landing: Landing<T>,
    /** Called with entries that were served and are to be reloaded. */
    private readonly onEarly: (key: string, entry: CacheEntry<T>) => void,
  ) {}

  /** The entry to serve while it is reloaded. */
  servedMeanwhile({ key, renews, voided }: Flight<T>): Landed<T> | undefined {
    if (!renews || voided) return undefined;
    const { policy, controls, counters, mark } = this.parts;
    const nowMs = this.engine.clock.nowMs();
    if (this.engine.space.isEntryVoid(renews, mark, key)) return undefined;
    if (nowMs >= staleUntilMs(renews, policy, controls)) return undefined;
    const stale = nowMs >= renews.storedAtMs + renews.freshMs;
    counters.redis[stale ? 'stale' : 'hit']++;
    return { entry: renews, tier: 'redis', stale };
  }

  /** Lands one, if it can; any other goes the long way, which counts the reason. */
  landOne(flight: Flight<T>, read: RedisRead<T>): boolean {
    if (read.state !== 'entry' || this.engine.backplane.isDown) return false;
    return this.landIfUsable(flight, read.entry, this.engine.clock.nowMs());
  }

  /** Lands and counts what can be landed. @returns the rest */
  land(flights: readonly Flight<T>[], reads: readonly RedisRead<T>[]): Unlanded<T> {
    const { counters, insight } = this.parts;
    const nowMs = this.engine.clock.nowMs();
    const rest: Unlanded<T> = { down: [], absent: [], unusable: [] };
    // Between the question and the reply an invalidation may have failed to reach redis.
    const { isDown } = this.engine.backplane;
    flights.forEach((flight, i) => {
      const read: RedisRead<T> = isDown ? DOWN : (reads[i] ?? DOWN);
      if (read.state === 'down') {
        counters.redis.error++;
        insight.missed.redis.down++;
        rest.down.push(flight);
        return;
      }
      if (read.state === 'entry' && this.landIfUsable(flight, read.entry, nowMs)) return;
      counters.redis.miss++;
      if (read.state === 'unreadable') counters.unreadable++;
      insight.missed.redis[this.reasonOf(flight, read)]++;
      (read.state === 'miss' ? rest.absent : rest.unusable).push(flight);
    });
    return rest;
  }

  /** Why an answer of redis that is not down could not be used. */
  private reasonOf({ key }: Flight<T>, read: RedisRead<T>): 'absent' | 'void' | 'expired' | 'unreadable' {
    if (read.state === 'unreadable') return 'unreadable';
    if (read.state !== 'entry') return 'absent';
    return this.engine.space.isEntryVoid(read.entry, this.parts.mark, key) ? 'void' : 'expired';
  }

  private landIfUsable(flight: Flight<T>, entry: CacheEntry<T>, nowMs: number): boolean {
    const { policy, controls, mark } = this.parts;
    const { space } = this.engine;
    flight.previous = entry;
    space.see(entry);
    if (space.isEntryVoid(entry, mark, flight.key)) return false;
    if (nowMs < entry.storedAtMs + entry.freshMs) {
      this.landing.land(flight, entry, 'redis', false);
      if (entry.document && nowMs >= drawEarlyRefreshMs(entry, policy)) this.renew(flight, entry);
      return true;
    }
    if (nowMs < staleUntilMs(entry, policy, controls)) {
      this.landing.land(flight, entry, 'redis', true);
      this.renew(flight, entry);
      return true;
    }
    if (nowMs < failSafeUntilMs(entry, policy, controls)) flight.fallback = entry;
    return false;
  }

  /** An entry made void since it was read is no longer served and needs no renewal. */
  private renew({ key, voided }: Flight<T>, entry: CacheEntry<T>): void {
    if (!voided) this.onEarly(key, entry);
  }
}

// The way of a load through the tiers: redis, then the origin, then back. One key and many go the same way, in the
// foreground and in the background. Each load is a flight: begun before anything is read, so that an invalidation that
// comes in between finds it and its result is not kept.
import type { Clock } from '../../platform/clock.js';
import type { CategoryCounters } from '../cache-counters.js';
import { type CategoryPolicy, cacheLimits } from '../cache-policy.js';
import { type CategoryControls, drawsRedisWrite } from '../controls/category-controls.js';
import type { CategoryInsight } from '../insight/category-insight.js';
import type { Backplane } from '../invalidation/backplane.js';
import type { TagSpace } from '../invalidation/tag-space.js';
import { type CacheEntry, drawEarlyRefreshMs, drawFreshMs, type Tier } from '../tiers/cache-entry.js';
import { CachedDocument } from '../tiers/cached-document.js';
import type { MemoryTier } from '../tiers/memory-tier.js';
import type { RedisRead, RedisTier } from '../tiers/redis-tier.js';
import type { Flight, Flights } from './flights.js';
import type { OriginGate } from './origin-gate.js';
import type { SharedErrors } from './shared-errors.js';

/** What a loader is told beside the keys. */
export interface LoadContext {
  /** Aborted at the deadline: whoever waits has been given an error by then. */
  readonly signal: AbortSignal;
}

/** Reads values from the origin; a key without a value there is left out. */
export type LoadMany<T> = (keys: readonly string[], context: LoadContext) => Promise<ReadonlyMap<string, T>>;

/** What all categories share. */
export interface CacheEngine {
  readonly clock: Clock;
  readonly space: TagSpace;
  readonly backplane: Backplane;
  readonly gate: OriginGate;
  /** Work that nobody waits for, so that it can be waited for at the end. */
  readonly background: (work: Promise<unknown>) => void;
}

/** What belongs to one category. */
export interface CategoryParts<T> {
  readonly mark: string;
  readonly policy: CategoryPolicy;
  readonly controls: CategoryControls;
  readonly memory: MemoryTier<T>;
  readonly redis: RedisTier<T>;
  readonly flights: Flights<T>;
  readonly errors: SharedErrors;
  readonly counters: CategoryCounters;
  readonly insight: CategoryInsight;
  readonly tagsOf: (key: string, value: T | undefined) => readonly string[];
  readonly loadMany: LoadMany<T>;
}

interface Unread<T> {
  /** Redis has no entry. */
  readonly absent: Flight<T>[];
  /** Redis has an entry that must be replaced. */
  readonly unusable: Flight<T>[];
  /** Redis gave no answer, and is not asked for anything further on this way. */
  readonly down: Flight<T>[];
}

const nothingRead = <T>(): Unread<T> => ({ absent: [], unusable: [], down: [] });

export class ReadThrough<T> {
  constructor(
    private readonly engine: CacheEngine,
    private readonly parts: CategoryParts<T>,
  ) {}

  /** Begins one load for all keys. `refresh` goes past redis to the origin. */
  begin(keys: readonly string[], loadMany: LoadMany<T>, refresh: boolean): Flight<T>[] {
    const flights = keys.map((key) => this.parts.flights.begin(key, this.engine.space.epoch));
    this.engine.background(this.run(flights, loadMany, refresh));
    return flights;
  }

  /** Loads a key that is still served, unless it is being loaded. */
  refreshInBackground(key: string, fromOrigin: boolean): void {
    if (!this.parts.flights.get(key)) this.begin([key], this.parts.loadMany, fromOrigin);
  }

  private async run(flights: readonly Flight<T>[], loadMany: LoadMany<T>, refresh: boolean): Promise<void> {
    const early: string[] = [];
    try {
      const missing = refresh ? flights : await this.fromRedis(flights, early);
      if (missing.length > 0) {
        if (refresh) {
          this.parts.insight.missed.redis.bypassed += missing.length;
          await this.lease(missing, true);
        }
        await this.fromOrigin(missing, loadMany);
      }
    } catch (error) {
      for (const flight of flights) flight.fail(error);
    } finally {
      for (const flight of flights) this.parts.flights.end(flight);
    }
    for (const key of early) this.refreshInBackground(key, true);
  }

  /** @returns the flights that redis has nothing for, with their leases. */
  private async fromRedis(flights: readonly Flight<T>[], early: string[]): Promise<readonly Flight<T>[]> {
    if (!this.usesRedis()) {
      this.parts.insight.missed.redis.bypassed += flights.length;
      return flights;
    }
    const first = await this.readRedis(flights, early);
    const filled = first.absent.length > 0 ? await this.lease(first.absent, false) : [];
    // Somebody has filled these since. What is of no use even so is loaded like the rest.
    const second = filled.length > 0 ? await this.readRedis(filled, early) : nothingRead<T>();
    const toReplace = [...first.unusable, ...second.absent, ...second.unusable];
    if (toReplace.length > 0) await this.lease(toReplace, true);
    const leased = first.absent.filter((flight) => !filled.includes(flight));
    return [...first.down, ...second.down, ...leased, ...toReplace];
  }

  /** Lands the flights that redis has something for. @returns the others. */
  private async readRedis(flights: readonly Flight<T>[], early: string[]): Promise<Unread<T>> {
    const { counters, insight, redis } = this.parts;
    const { missed, latency } = insight;
    const startedAtMs = performance.now();
    const reads = await redis.read(flights.map((flight) => flight.key));
    if (reads[0]?.state !== 'down') latency.redis.record(performance.now() - startedAtMs);
    const nowMs = this.engine.clock.nowMs();
    const unread = nothingRead<T>();
    flights.forEach((flight, i) => {
      const read = reads[i] ?? { state: 'down' };
      if (read.state === 'down') {
        counters.redis.error++;
        missed.redis.down++;
        unread.down.push(flight);
        return;
      }
      if (read.state === 'entry' && this.landIfUsable(flight, read.entry, nowMs, early)) return;
      counters.redis.miss++;
      missed.redis[this.reasonOf(read)]++;
      if (read.state === 'unreadable') counters.unreadable++;
      (read.state === 'miss' ? unread.absent : unread.unusable).push(flight);
    });
    return unread;
  }

  /** Why an answer of redis, which is not down, was of no use. */
  private reasonOf(read: RedisRead<T>): 'absent' | 'void' | 'expired' | 'unreadable' {
    if (read.state === 'unreadable') return 'unreadable';
    if (read.state !== 'entry') return 'absent';
    return this.engine.space.isVoid(read.entry, this.parts.mark) ? 'void' : 'expired';
  }

  private landIfUsable(flight: Flight<T>, entry: CacheEntry<T>, nowMs: number, early: string[]): boolean {
    const { policy, controls, mark } = this.parts;
    if (this.engine.space.isVoid(entry, mark)) return false;
    const lateMs = nowMs - entry.storedAtMs - entry.freshMs;
    if (lateMs < 0) {
      if (entry.document && nowMs >= drawEarlyRefreshMs(entry, policy)) early.push(flight.key);
      this.land(flight, entry, 'redis', false);
      return true;
    }
    if (!entry.document) return false;
    if (lateMs < policy.staleMs + controls.serveStaleMs) {
      early.push(flight.key);
      this.land(flight, entry, 'redis', true);
      return true;
    }
    if (lateMs < policy.failSafeMs + controls.serveStaleMs) flight.fallback = entry;
    return false;
  }

  /** @returns the flights whose entry has come in between. */
  private async lease(wanted: readonly Flight<T>[], refresh: boolean): Promise<Flight<T>[]> {
    if (!this.usesRedis()) return [];
    const flights = wanted.filter(() => drawsRedisWrite(this.parts.controls));
    if (flights.length === 0) return [];
    const leases = await this.parts.redis.lease(
      flights.map((flight) => flight.key),
      refresh,
    );
    return flights.filter((flight, i) => {
      const lease = leases[i];
      if (lease?.state === 'LEASED' || lease?.state === 'SHARED') flight.token = lease.token;
      return lease?.state === 'HIT';
    });
  }

  private async fromOrigin(flights: readonly Flight<T>[], loadMany: LoadMany<T>): Promise<void> {
    const { space, clock, gate } = this.engine;
    const { lineage, stamp } = space;
    const { insight } = this.parts;
    const startedAtMs = clock.nowMs();
    const beganAtMs = performance.now();
    let values: ReadonlyMap<string, T>;
    try {
      const keys = flights.map((flight) => flight.key);
      values = await gate.run(this.parts.policy.loadDeadlineMs, (signal) => loadMany(keys, { signal }));
    } catch (error) {
      for (const flight of flights) this.landLate(flight, error);
      return;
    }
    const storedAtMs = clock.nowMs();
    insight.latency.origin.record(performance.now() - beganAtMs);
    const fills: { key: string; token: string; entry: CacheEntry<T> }[] = [];
    for (const flight of flights) {
      const entry = this.entryOf(flight.key, values.get(flight.key), {
        lineage,
        stamp,
        storedAtMs,
        loadCostMs: storedAtMs - startedAtMs,
      });
      if (entry.tags.length > cacheLimits.maxTagsOfEntry) {
        this.parts.counters.overTagged++;
        flight.voided = true; // what cannot be made void must not be kept
      }
      if (flight.token && !flight.voided) fills.push({ key: flight.key, token: flight.token, entry });
      this.land(flight, entry, 'origin', false);
    }
    if (fills.length > 0) this.engine.background(this.fill(fills));
  }

  private entryOf(
    key: string,
    value: T | undefined,
    load: Pick<CacheEntry<T>, 'lineage' | 'stamp' | 'storedAtMs' | 'loadCostMs'>,
  ): CacheEntry<T> {
    const { policy, tagsOf } = this.parts;
    const tags = [...new Set(tagsOf(key, value))];
    const document = value === undefined ? undefined : CachedDocument.of(value, tags, policy.memory.keepsValue);
    return { ...load, document, tags, freshMs: drawFreshMs(policy, document !== undefined) };
  }

  /** Keeps the entry in memory, unless it was invalidated during the load, and gives it to those who wait. */
  private land(flight: Flight<T>, entry: CacheEntry<T>, tier: Tier, stale: boolean): void {
    const { counters, insight, memory } = this.parts;
    insight.loadCost.record(entry.loadCostMs);
    counters[tier][entry.document === undefined ? 'negative' : stale ? 'stale' : 'hit']++;
    if (this.mayKeep(flight, entry)) {
      memory.put(flight.key, entry, this.engine.clock.nowMs(), this.engine.space.version);
    }
    flight.land({ entry, tier, stale });
    this.parts.flights.end(flight);
  }

  /** The origin failed: an entry past its time is better than an error, unless it was invalidated. */
  private landLate(flight: Flight<T>, error: unknown): void {
    const { counters, memory, errors, mark, policy, controls } = this.parts;
    const nowMs = this.engine.clock.nowMs();
    counters.origin.error++;
    const entry = flight.fallback ?? memory.look(flight.key)?.entry;
    const usable =
      entry?.document &&
      nowMs < entry.storedAtMs + entry.freshMs + policy.failSafeMs + controls.serveStaleMs &&
      !this.engine.space.isVoid(entry, mark) &&
      !flight.voided;
    if (!entry || !usable) {
      if (!flight.voided) errors.remember(flight.key, error, nowMs);
      flight.fail(error);
      return;
    }
    if (this.mayKeep(flight, entry)) memory.putThrottled(flight.key, entry, nowMs, this.engine.space.version);
    flight.land({ entry, tier: flight.fallback ? 'redis' : 'memory', stale: true });
  }

  /** Redis is not asked while invalidations may have been missed, nor when an operator has switched it off. */
  private usesRedis(): boolean {
    return this.parts.controls.redis && this.engine.backplane.isCurrent();
  }

  private mayKeep(flight: Flight<T>, entry: CacheEntry<T>): boolean {
    const { space } = this.engine;
    return !flight.voided && flight.epoch === space.epoch && !space.isVoid(entry, this.parts.mark);
  }

  private async fill(fills: readonly { key: string; token: string; entry: CacheEntry<T> }[]): Promise<void> {
    const stored = await this.parts.redis.fill(fills);
    this.parts.counters.refusedFills += stored.filter((one) => !one).length;
  }
}

import { failSafeUntilMs } from '../freshness.js';
import type { CacheEntry, Tier } from '../tiers/cache-entry.js';
import type { CacheEngine, CategoryParts } from './category-parts.js';
import type { Flight } from './flights.js';
import { isOriginLimited } from './origin-gate.js';

/** How a load ends: its entry is kept in memory, if it may be, and given to those who wait. */
export class Landing<T> {
  constructor(
    private readonly engine: CacheEngine,
    private readonly parts: CategoryParts<T>,
  ) {}

  /** Keeps the entry in memory, unless it was invalidated during the load, and gives it to those who wait. */
  land(flight: Flight<T>, entry: CacheEntry<T>, tier: Tier, stale: boolean): void {
    const { counters, insight, memory, flights } = this.parts;
    counters[tier][entry.document === undefined ? 'negative' : stale ? 'stale' : 'hit']++;
    insight.loadCost.record(entry.loadCostMs);
    if (this.mayKeep(flight, entry)) {
      memory.put(flight.key, entry, this.engine.clock.nowMs(), this.engine.space.version);
    }
    flight.land({ entry, tier, stale });
    flights.end(flight);
  }

  /** The origin failed: an entry past its time is better than an error, unless it was invalidated. */
  landLate(flight: Flight<T>, error: unknown): void {
    const { counters, memory, errors } = this.parts;
    const nowMs = this.engine.clock.nowMs();
    counters.origin.error++;
    const entry = this.lateEntry(flight);
    if (!entry) {
      if (!flight.voided) errors.remember(flight.key, error, nowMs);
      flight.fail(error);
      return;
    }
    if (this.mayKeep(flight, entry)) memory.putThrottled(flight.key, entry, nowMs, this.engine.space.version);
    const degraded = isOriginLimited(error) ? 'origin-limited' : 'origin-failed';
    flight.land({ entry, tier: flight.fallback ? 'redis' : 'memory', stale: true, degraded });
  }

  /** The entry to serve when a load fails or takes too long: perhaps past its time, never an invalidated one. */
  lateEntry(flight: Flight<T>, asksMemory = true): CacheEntry<T> | undefined {
    const { memory, policy, controls, mark } = this.parts;
    const entry = flight.fallback ?? (asksMemory ? memory.look(flight.key) : undefined);
    if (!entry?.document || flight.voided || this.engine.space.isVoid(entry, mark)) return undefined;
    return this.engine.clock.nowMs() < failSafeUntilMs(entry, policy, controls) ? entry : undefined;
  }

  private mayKeep(flight: Flight<T>, entry: CacheEntry<T>): boolean {
    const { space } = this.engine;
    return !flight.voided && flight.epoch === space.epoch && !space.isVoid(entry, this.parts.mark);
  }
}

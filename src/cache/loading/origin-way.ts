// The way of loads to the origin and back: behind the gate, under a deadline, and each fill of redis under its lease.
import { isDatabaseDown } from '../../platform/database/database.js';
import { AppError } from '../../platform/errors.js';
import { cacheLimits } from '../cache-policy.js';
import type { CacheEntry } from '../tiers/cache-entry.js';
import type { LeasedEntry } from '../tiers/leased-entry.js';
import type { CacheEngine, CategoryParts } from './category-parts.js';
import type { Flight } from './flights.js';
import type { Landing } from './landing.js';
import { type LoadMany, type Unchanged, unchanged } from './load-context.js';
import { LoadedEntries } from './loaded-entries.js';

export class OriginWay<T> {
  constructor(
    private readonly engine: CacheEngine,
    private readonly parts: CategoryParts<T>,
    private readonly landing: Landing<T>,
  ) {}

  /**
   * Loads all in one call, and lands them. A loader of single keys is called for each, as many at once as the gate has
   * places.
   * @param together their readers do not know of each other: a failure that one may have caused is retried for each alone
   */
  async load(flights: readonly Flight<T>[], loadMany: LoadMany<T>, together?: 'by chance'): Promise<void> {
    if (flights.length > 1 && !this.parts.loadsTogether) return this.loadEach(flights, loadMany);
    const loaded = new LoadedEntries(this.engine, this.parts, flights);
    const beganAtMs = performance.now();
    let values: ReadonlyMap<string, T | Unchanged>;
    try {
      values = await this.keepingLeases(flights, () => this.callLoader(loadMany, loaded));
    } catch (error) {
      if (together && flights.length > 1 && mayBeOfOne(error)) {
        return this.loadEach(flights, loadMany);
      }
      for (const flight of flights) this.landing.landLate(flight, error);
      this.giveBack(flights);
      return;
    }
    this.parts.insight.latency.origin.record(performance.now() - beganAtMs);
    loaded.end();
    const fills: LeasedEntry<T>[] = [];
    const entries = flights.map((flight) => {
      const value = values.get(flight.key);
      const entry = this.entryFor(flight, value, loaded);
      const { key, token } = flight;
      if (entry && token && !flight.voided) fills.push({ key, token, entry, unchanged: value === unchanged });
      return entry;
    });
    // Before they land: memory keeps values without their bytes. Nobody waits for redis.
    if (fills.length > 0) this.engine.background.track(this.fill(fills));
    flights.forEach((flight, i) => {
      const entry = entries[i];
      if (entry) this.landing.land(flight, entry, 'origin', false);
    });
    this.giveBack(flights.filter((flight, i) => flight.voided || !entries[i]));
  }

  private async loadEach(flights: readonly Flight<T>[], loadMany: LoadMany<T>): Promise<void> {
    await Promise.all(flights.map((flight) => this.load([flight], loadMany)));
  }

  private callLoader(loadMany: LoadMany<T>, loaded: LoadedEntries<T>) {
    return this.engine.gate.run(this.parts.policy.loadDeadlineMs, async (signal) =>
      loadMany(loaded.keys, loaded.context(signal)),
    );
  }

  /** @returns undefined when its value makes no entry: only those who wait for this key get the error */
  private entryFor(
    flight: Flight<T>,
    value: T | Unchanged | undefined,
    loaded: LoadedEntries<T>,
  ): CacheEntry<T> | undefined {
    try {
      const entry = loaded.entryOf(flight.key, value);
      if (entry.tags.length > cacheLimits.maxTagsOfEntry) {
        this.parts.counters.overTagged++;
        flight.voided = true; // what cannot be made void must not be kept
      }
      return entry;
    } catch (error) {
      flight.fail(error);
      this.parts.flights.end(flight);
      return undefined;
    }
  }

  /** Waiting processes watch the lease: it lasts as long as the load, and little longer than this process. */
  private async keepingLeases<R>(flights: readonly Flight<T>[], load: () => Promise<R>): Promise<R> {
    const leases = leasesOf(flights);
    if (leases.length === 0) return load();
    const extend = () => this.engine.background.track(this.parts.redis.keep(leases, cacheLimits.leaseMs));
    const timer = setInterval(extend, cacheLimits.leaseMs / 3);
    try {
      return await load();
    } finally {
      clearInterval(timer);
    }
  }

  /** Nothing will be stored under these leases: another process may load at once. */
  private giveBack(flights: readonly Flight<T>[]): void {
    const leases = leasesOf(flights);
    if (leases.length > 0) this.engine.background.track(this.parts.redis.keep(leases, 0));
  }

  private async fill(fills: readonly LeasedEntry<T>[]): Promise<void> {
    this.parts.counters.refusedFills += await this.parts.redis.fill(fills);
  }
}

/** An origin that is away, too slow or too busy fails all of them. */
const mayBeOfOne = (error: unknown): boolean => !(error instanceof AppError || isDatabaseDown(error));

/** Only a flight that was given a lease may extend it or give it back; nobody waits for one that shares it. */
function leasesOf(
  flights: readonly Pick<Flight<unknown>, 'key' | 'token' | 'leads'>[],
): { key: string; token: string }[] {
  return flights.flatMap(({ key, token, leads }) => (token && leads ? [{ key, token }] : []));
}

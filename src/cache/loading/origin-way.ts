// The way of loads to the origin and back: behind the gate, under a deadline, and each fill of redis under its lease.
import { isDatabaseDown } from '../../platform/database/database.js';
import { AppError } from '../../platform/errors.js';
import { cacheLimits } from '../cache-policy.js';
import { type CacheEntry, drawFreshMs } from '../tiers/cache-entry.js';
import { CachedDocument } from '../tiers/cached-document.js';
import type { LeasedEntry } from '../tiers/leased-entry.js';
import type { CacheEngine, CategoryParts } from './category-parts.js';
import type { Flight } from './flights.js';
import type { Landing } from './landing.js';
import { type LoadContext, type LoadMany, type Unchanged, unchanged } from './load-context.js';

/** What holds for all entries of one load. */
type LoadFacts<T> = Pick<CacheEntry<T>, 'lineage' | 'stamp' | 'storedAtMs' | 'loadCostMs'>;

export class OriginWay<T> {
  constructor(
    private readonly engine: CacheEngine,
    private readonly parts: CategoryParts<T>,
    private readonly landing: Landing<T>,
  ) {}

  /**
   * Loads all in one call, and lands them. A loader of single keys is called for each, behind the gate: as many as have
   * places there at once.
   * @param together their readers do not know of each other: what fails because of one is tried for each alone
   */
  async load(flights: readonly Flight<T>[], loadMany: LoadMany<T>, together?: 'by chance'): Promise<void> {
    if (flights.length > 1 && !this.parts.loadsTogether) return this.loadEach(flights, loadMany);
    const { space, clock } = this.engine;
    const { lineage, stamp } = space;
    const startedAtMs = clock.nowMs();
    const beganAtMs = performance.now();
    const freshFor = new Map<string, number>();
    let values: ReadonlyMap<string, T | Unchanged>;
    try {
      values = await this.keepingLeases(flights, () => this.callLoader(flights, loadMany, freshFor));
    } catch (error) {
      if (together && flights.length > 1 && mayBeOfOne(error)) {
        return this.loadEach(flights, loadMany);
      }
      for (const flight of flights) this.landing.landLate(flight, error);
      this.giveBack(flights);
      return;
    }
    this.parts.insight.latency.origin.record(performance.now() - beganAtMs);
    const storedAtMs = clock.nowMs();
    const facts = { lineage, stamp, storedAtMs, loadCostMs: storedAtMs - startedAtMs };
    const fills: LeasedEntry<T>[] = [];
    const entries = flights.map((flight) => {
      const { key, token } = flight;
      const value = values.get(key);
      const entry = this.entryOf(flight, value, facts, freshFor.get(key));
      if (entry.tags.length > cacheLimits.maxTagsOfEntry) {
        this.parts.counters.overTagged++;
        flight.voided = true; // what cannot be made void must not be kept
      }
      if (token && !flight.voided) fills.push({ key, token, entry, unchanged: value === unchanged });
      return entry;
    });
    // Before they land: memory keeps values without their bytes. Nobody waits for redis.
    if (fills.length > 0) this.engine.background.track(this.fill(fills));
    flights.forEach((flight, i) => {
      this.landing.land(flight, entries[i] as CacheEntry<T>, 'origin', false);
    });
    this.giveBack(flights.filter((flight) => flight.voided));
  }

  private async loadEach(flights: readonly Flight<T>[], loadMany: LoadMany<T>): Promise<void> {
    await Promise.all(flights.map((flight) => this.load([flight], loadMany)));
  }

  private callLoader(flights: readonly Flight<T>[], loadMany: LoadMany<T>, freshFor: Map<string, number>) {
    const byKey = new Map(flights.map((flight) => [flight.key, flight]));
    const { gate } = this.engine;
    return gate.run(this.parts.policy.loadDeadlineMs, async (signal) => {
      const context: LoadContext<T> = {
        signal,
        previous: (key) => this.previousOf(byKey.get(key))?.document,
        freshFor: (key, freshMs) => {
          if (!(freshMs >= 0 && freshMs < Number.POSITIVE_INFINITY))
            throw new RangeError(`${key} cannot be fresh for ${freshMs} ms`);
          freshFor.set(key, freshMs);
        },
      };
      return loadMany([...byKey.keys()], context);
    });
  }

  private previousOf(flight: Flight<T> | undefined): CacheEntry<T> | undefined {
    return flight && (flight.previous ?? this.parts.memory.look(flight.key));
  }

  private entryOf(
    flight: Flight<T>,
    value: T | Unchanged | undefined,
    facts: LoadFacts<T>,
    freshForMs: number | undefined,
  ): CacheEntry<T> {
    const { policy, tagsOf } = this.parts;
    const freshMs = freshForMs ?? drawFreshMs(policy, value !== undefined);
    if (value === unchanged) {
      const previous = this.previousOf(flight);
      if (!previous?.document) throw new Error(`the loader says that ${flight.key} is unchanged, and there was none`);
      return makeEntry(previous.document, previous.tags, freshMs, facts);
    }
    const tags = eachOnce(tagsOf(flight.key, value));
    const document = value === undefined ? undefined : CachedDocument.of(value, tags, policy.memory.keepsValue);
    return makeEntry(document, tags, freshMs, facts);
  }

  /** Those who wait for this load look for its lease: it lasts while the load does, and not much longer than this process. */
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

/** An origin that is away, too slow or too busy is so for all. */
const mayBeOfOne = (error: unknown): boolean => !(error instanceof AppError || isDatabaseDown(error));

/** Only who was given a lease may extend it or give it back: who shares it is not waited for. */
function leasesOf(
  flights: readonly Pick<Flight<unknown>, 'key' | 'token' | 'leads'>[],
): { key: string; token: string }[] {
  return flights.flatMap(({ key, token, leads }) => (token && leads ? [{ key, token }] : []));
}

/** All members in one literal: what is spread and added to takes more memory, and as many are made as are kept. */
function makeEntry<T>(
  document: CachedDocument<T> | undefined,
  tags: readonly string[],
  freshMs: number,
  { lineage, stamp, storedAtMs, loadCostMs }: LoadFacts<T>,
): CacheEntry<T> {
  return { document, tags, lineage, stamp, storedAtMs, freshMs, loadCostMs };
}

function eachOnce(tags: readonly string[]): readonly string[] {
  // As a rule they are few and different: a set would cost more than to compare them.
  const isOnce = tags.length <= FEW_TAGS && tags.every((tag, i) => tags.indexOf(tag) === i);
  return isOnce ? tags : [...new Set(tags)];
}

const FEW_TAGS = 8;

// Loads through redis: what is there is served, what is not is leased. Of all processes that miss a key, one gets the lease
// and loads; the others look again until the entry is there or the lease is gone (Nishtala et al.: Scaling Memcache at
// Facebook, NSDI 2013, section 3.2.1), and load only when neither happens in the time of a load.
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheLimits } from '../cache-policy.js';
import { drawsRedisWrite } from '../controls/category-controls.js';
import type { LeasePurpose } from '../tiers/entry.scripts.js';
import type { RedisRead } from '../tiers/redis-tier.js';
import type { CacheEngine, CategoryParts } from './category-parts.js';
import type { Flight } from './flights.js';
import type { FoundEntries, Unlanded } from './found-entries.js';

/** What redis left to be done. */
export interface Unanswered<T> {
  /** To be loaded here. */
  readonly mine: Flight<T>[];
  /** Being loaded by another process. */
  readonly others: Flight<T>[];
}

/** Result of the first look at redis, besides what landed and what was left to be done. */
interface FirstLook<T> {
  readonly absent: number;
  /** Redis has an unusable entry for these. */
  readonly unusable: Flight<T>[];
}

/** Result of asking for leases: the flights that there is an entry for, with the entries. */
interface LeaseOutcome<T> {
  readonly flights: Flight<T>[];
  readonly reads: RedisRead<T>[];
  /** How many got no answer from redis. */
  down: number;
}

/** The script passes what is there through Lua, and redis serves nobody else meanwhile. */
const MOST_WITH_THE_LOOK = 128;

export class RedisWay<T> {
  /**
   * When the last read of many keys missed most of them, the next one is likely to: then leases are asked for with the look,
   * in one step. When most keys are there, looking alone is lighter for redis.
   */
  private expectsMisses = false;

  constructor(
    private readonly engine: CacheEngine,
    private readonly parts: CategoryParts<T>,
    private readonly entries: FoundEntries<T>,
  ) {}

  /** Redis is not asked while invalidations may have been missed, nor when an operator has switched it off. */
  isOpen(): boolean {
    return this.parts.controls.redis && this.engine.backplane.isCurrent();
  }

  /** Reads for one flight, without a promise. */
  first(flight: Flight<T>, then: (read: RedisRead<T>) => void): void {
    this.parts.redis.readOne(flight.key, (read, tookMs) => {
      if (read.state !== 'down') this.parts.insight.latency.redis.record(tookMs);
      then(read);
    });
  }

  /**
   * Lands the flights that redis has something for, and takes leases for the others.
   * @param alreadyRead what `first` has read for each of them
   */
  async ask(flights: readonly Flight<T>[], alreadyRead?: readonly RedisRead<T>[]): Promise<Unanswered<T>> {
    const left: Unanswered<T> = { mine: [], others: [] };
    const isManyAtOnce = !alreadyRead && flights.length > 1;
    const first =
      isManyAtOnce && this.mayLeaseWithTheLook(flights.length)
        ? await this.lookAndLease(flights, left)
        : await this.lookThenLease(flights, alreadyRead, left);
    if (isManyAtOnce) this.expectsMisses = first.absent > flights.length / 2;
    if (first.unusable.length > 0) await this.lease(first.unusable, 'renew', left);
    return left;
  }

  private mayLeaseWithTheLook(count: number): boolean {
    return this.expectsMisses && count <= MOST_WITH_THE_LOOK && this.parts.controls.redisWriteShare >= 1;
  }

  /** The lighter way for redis when most keys are there. */
  private async lookThenLease(
    flights: readonly Flight<T>[],
    alreadyRead: readonly RedisRead<T>[] | undefined,
    left: Unanswered<T>,
  ): Promise<FirstLook<T>> {
    const { absent, unusable } = this.land(flights, alreadyRead ?? (await this.read(flights)), left);
    if (absent.length === 0) return { absent: 0, unusable };
    // Others have filled these since. Unusable ones are loaded like the rest.
    const found = await this.lease(absent, 'fill', left);
    return { absent: absent.length, unusable: [...unusable, ...this.land(found.flights, found.reads, left).unusable] };
  }

  /** The shorter way when most keys are missing. */
  private async lookAndLease(flights: readonly Flight<T>[], left: Unanswered<T>): Promise<FirstLook<T>> {
    const { counters, insight } = this.parts;
    const startedAtMs = performance.now();
    const found = await this.lease(flights, 'fill', left);
    const absent = flights.length - found.flights.length - found.down;
    if (found.down === 0) insight.latency.redis.record(performance.now() - startedAtMs);
    counters.redis.error += found.down;
    insight.missed.redis.down += found.down;
    counters.redis.miss += absent;
    insight.missed.redis.absent += absent;
    return { absent, unusable: this.land(found.flights, found.reads, left).unusable };
  }

  /** Takes leases for loads even where there are entries; with `force` also from processes that are loading them. */
  async claim(flights: readonly Flight<T>[], way: 'renew' | 'force'): Promise<Unanswered<T>> {
    const left: Unanswered<T> = { mine: [], others: [] };
    await this.lease(flights, way, left);
    return { mine: await this.stillOld(left.mine), others: left.others };
  }

  /**
   * Lands entries that another process has renewed between the look and the lease. Under the lease nobody else renews them,
   * so no further look is needed.
   */
  private async stillOld(flights: readonly Flight<T>[]): Promise<Flight<T>[]> {
    const leading = flights.filter(({ renews, leads }) => renews && leads);
    if (leading.length === 0) return [...flights];
    const reads = await this.read(leading);
    const renewed = leading.filter((flight, i) => {
      const read = reads[i];
      const isOther = read?.state === 'entry' && read.entry.storedAtMs !== flight.renews?.storedAtMs;
      return isOther && this.entries.landOne(flight, read);
    });
    const leases = renewed.flatMap(({ key, token }) => (token ? [{ key, token }] : []));
    if (leases.length > 0) this.engine.background.track(this.parts.redis.keep(leases, 0));
    return flights.filter((flight) => !renewed.includes(flight));
  }

  /** Waits for the load of another process. @returns whether it must be loaded here after all. */
  async follow(flight: Flight<T>): Promise<boolean> {
    const endsAtMs = performance.now() + this.parts.policy.loadDeadlineMs;
    let pauseMs: number = cacheLimits.followFirstMs;
    while (performance.now() < endsAtMs && this.isOpen()) {
      await sleep(pauseMs * (0.5 + Math.random() / 2));
      pauseMs = Math.min(2 * pauseMs, cacheLimits.followMostMs);
      const token = await this.parts.redis.token(flight.key);
      if (token === undefined) return true;
      if (token === flight.token) continue;
      const { mine, others } = await this.ask([flight]);
      if (others.length === 0) return mine.length > 0;
    }
    return true;
  }

  private async read(flights: readonly Flight<T>[]): Promise<readonly RedisRead<T>[]> {
    const { redis, insight } = this.parts;
    const startedAtMs = performance.now();
    const reads = await redis.read(flights.map((flight) => flight.key));
    if (reads[0]?.state !== 'down') insight.latency.redis.record(performance.now() - startedAtMs);
    return reads;
  }

  /** Lands what can be landed; what redis gave no answer for is loaded here. */
  private land(
    flights: readonly Flight<T>[],
    reads: readonly RedisRead<T>[],
    left: Unanswered<T>,
  ): Omit<Unlanded<T>, 'down'> {
    const { down, ...rest } = this.entries.land(flights, reads);
    left.mine.push(...down);
    return rest;
  }

  /** @returns the flights that there is an entry for. */
  private async lease(
    wanted: readonly Flight<T>[],
    purpose: LeasePurpose,
    left: Unanswered<T>,
  ): Promise<LeaseOutcome<T>> {
    const drawn = this.isOpen() ? wanted.filter(() => drawsRedisWrite(this.parts.controls)) : [];
    if (drawn.length < wanted.length) left.mine.push(...wanted.filter((flight) => !drawn.includes(flight)));
    const found: LeaseOutcome<T> = { flights: [], reads: [], down: 0 };
    if (drawn.length === 0) return found;
    const keys = drawn.map((flight) => flight.key);
    const leases = await this.parts.redis.lease(keys, purpose);
    drawn.forEach((flight, i) => {
      const lease = leases[i] ?? { state: 'DOWN' };
      if (lease.state === 'HIT') {
        found.flights.push(flight);
        found.reads.push(lease.read);
        return;
      }
      if (lease.state === 'DOWN') found.down++;
      else flight.token = lease.token;
      flight.leads = lease.state === 'LEASED';
      (lease.state === 'SHARED' ? left.others : left.mine).push(flight);
    });
    return found;
  }
}

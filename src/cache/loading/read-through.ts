// The way of a load through the tiers: redis, then the origin, then back. One key and many go the same way, in the
// foreground and in the background; one key alone has a shorter beginning (`beginOne`), since most reads end there. Words:
//
//   flight    the load of one key, begun before anything is read, so that an invalidation that comes in between finds it
//             and its result is not kept (its life: `flights.ts`)
//   way       which tiers a load goes through (`Way`); `RedisWay` and `OriginWay` are the parts of it. `MemoryWay` comes
//             first, without a flight
//   land      to end a flight with an entry: memory keeps it, if it may, and those who wait are given it (`Landing`)
//   lease     the right to fill a key in redis. The flight that has it leads; one that shares it (another leads) follows: it
//             looks again and again until the entry is there
//   void      made invalid by an invalidation: never served, however young (`TagSpace`)
//   late      past its fresh time (`freshness.ts`). A late entry is served while it is loaded anew (renewed), and later only
//             as the fallback of a flight whose load fails or takes too long
//   together  several misses in one call of the loader: because one reader asked for all, or by chance in one turn
import { answerOf, type CacheAnswer } from '../cache-answer.js';
import type { ReadOptions } from '../read-options.js';
import type { CacheEntry } from '../tiers/cache-entry.js';
import { awaitFlight } from './await-flight.js';
import type { CacheEngine, CategoryParts } from './category-parts.js';
import type { Flight, Landed } from './flights.js';
import { FoundEntries } from './found-entries.js';
import { Landing } from './landing.js';
import type { LoadMany } from './load-context.js';
import { type Miss, MissedTogether } from './missed-together.js';
import { OriginWay } from './origin-way.js';
import { RedisWay, type Unanswered } from './redis-way.js';
import type { Way } from './way.js';

export class ReadThrough<T> {
  private readonly landing: Landing<T>;
  private readonly found: FoundEntries<T>;
  private readonly redisWay: RedisWay<T>;
  private readonly originWay: OriginWay<T>;
  private readonly missed: MissedTogether<T>;

  constructor(
    private readonly engine: CacheEngine,
    private readonly parts: CategoryParts<T>,
  ) {
    this.missed = new MissedTogether<T>(engine.background, (misses) => this.loadMissed(misses, parts.loadMany));
    this.landing = new Landing(engine, parts);
    this.found = new FoundEntries(engine, parts, this.landing, (key, entry) =>
      this.refreshInBackground(key, 'renew', entry),
    );
    this.redisWay = new RedisWay(engine, parts, this.found);
    this.originWay = new OriginWay(engine, parts, this.landing);
  }

  /** Waits for the load of the key that is under way, or begins one. */
  read(key: string, loadMany: LoadMany<T>, way: Way, options?: ReadOptions): Promise<CacheAnswer<T>> {
    if (this.parts.flights.get(key)) this.parts.counters.coalesced++;
    return this.join(key, loadMany, way, options);
  }

  /** Begins one load for all keys that are not being loaded yet, and waits for all. */
  async readMany(keys: readonly string[], way: Way, options?: ReadOptions): Promise<CacheAnswer<T>[]> {
    const { flights, errors, loadMany } = this.parts;
    const unclaimed = way === 'read' ? keys.filter((key) => !flights.get(key)) : keys;
    const nowMs = this.engine.clock.nowMs();
    for (const key of unclaimed) errors.throwIfRecent(key, nowMs);
    if (!options && keys.length > 1 && unclaimed.length === keys.length) return this.readAtOnce(keys, way);
    if (unclaimed.length > 0) this.begin(unclaimed, loadMany, way);
    return Promise.all(keys.map((key) => this.join(key, loadMany, 'read', options)));
  }

  /** The shortest way for many keys that nobody loads yet: one wait for all of them, and no promise for each. */
  private async readAtOnce(keys: readonly string[], way: Way): Promise<CacheAnswer<T>[]> {
    const { loadMany } = this.parts;
    const joinedAt = this.engine.space.stamp;
    const flights = this.open(keys);
    await this.run(flights, () => this.goThrough(flights, loadMany, way));
    const answers = flights.map((flight) => this.answerFor(flight.result, joinedAt));
    if (answers.every((answer) => answer !== undefined)) return answers;
    return Promise.all(answers.map((answer, i) => answer ?? this.join(keys[i] ?? '', loadMany, 'read')));
  }

  /**
   * Waits for the load of a key, or begins one. A load that began before an invalidation older than this call may have read
   * the old value: then its result is not used, and another load begins.
   */
  private async join(key: string, loadMany: LoadMany<T>, way: Way, options?: ReadOptions): Promise<CacheAnswer<T>> {
    const { flights, errors } = this.parts;
    const joinedAt = this.engine.space.stamp;
    for (let attempt = 0; ; attempt++) {
      const wayNow = attempt === 0 ? way : attempt > 2 ? 'force' : 'read';
      let flight = wayNow === 'read' ? flights.get(key) : undefined;
      if (!flight) {
        if (way === 'read') errors.throwIfRecent(key, this.engine.clock.nowMs());
        [flight] = this.begin([key], loadMany, wayNow);
      }
      if (!flight) throw new Error('a load was not begun');
      const landed =
        (this.redisWay.isOpen() ? this.found.servedMeanwhile(flight) : undefined) ??
        (options ? await awaitFlight(flight, this.landing, options) : await flight.promise);
      const answer = this.answerFor(landed, joinedAt);
      if (answer) return answer;
    }
  }

  /** @returns undefined when the load began before an invalidation and the reader came after it. */
  private answerFor(landed: Landed<T> | undefined, joinedAt: number): CacheAnswer<T> | undefined {
    if (!landed) return undefined;
    const { entry, tier, stale, degraded } = landed;
    if (entry.stamp < joinedAt && this.engine.space.isVoid(entry, this.parts.mark)) return undefined;
    return answerOf(entry, tier, this.engine.clock.nowMs(), stale, degraded);
  }

  private open(keys: readonly string[]): Flight<T>[] {
    const { epoch } = this.engine.space;
    return keys.map((key) => this.parts.flights.begin(key, epoch));
  }

  /** Begins one load for all keys. */
  private begin(keys: readonly string[], loadMany: LoadMany<T>, way: Way, renews?: CacheEntry<T>): Flight<T>[] {
    const flights = this.open(keys);
    const [only] = flights;
    if (only) only.renews = renews;
    if (only && flights.length === 1 && way === 'read' && this.redisWay.isOpen()) {
      this.beginOne(only, loadMany);
    } else void this.run(flights, () => this.goThrough(flights, loadMany, way));
    return flights;
  }

  /** Loads a key that is still served, unless it is being loaded. */
  refreshInBackground(key: string, way: Way, renews?: CacheEntry<T>): void {
    if (!this.parts.flights.get(key)) this.begin([key], this.parts.loadMany, way, renews);
  }

  private async run(flights: readonly Flight<T>[], work: () => Promise<void>): Promise<void> {
    const { background } = this.engine;
    background.begin();
    try {
      await work();
    } catch (error) {
      for (const flight of flights) flight.fail(error);
    } finally {
      for (const flight of flights) this.parts.flights.end(flight);
      background.end();
    }
  }

  /** The shortest way of the most frequent case, one key that redis has: it lands in the turn in which the reply comes. */
  private beginOne(flight: Flight<T>, loadMany: LoadMany<T>): void {
    const { background } = this.engine;
    background.begin();
    this.redisWay.first(flight, (read) => {
      try {
        if (!this.found.landOne(flight, read)) this.miss({ flight, read }, loadMany);
      } catch (error) {
        flight.fail(error);
        this.parts.flights.end(flight);
      } finally {
        background.end(); // a miss that goes on is counted anew by now
      }
    });
  }

  /** Only the loader of the category is known to load many at once; without redis each load counts for itself. */
  private miss(miss: Miss<T>, loadMany: LoadMany<T>): void {
    const isAnswered = miss.read.state !== 'down';
    if (isAnswered && this.parts.loadsTogether && loadMany === this.parts.loadMany) this.missed.add(miss);
    else this.loadMissed([miss], loadMany);
  }

  private loadMissed(misses: readonly Miss<T>[], loadMany: LoadMany<T>): void {
    const flights = misses.map(({ flight }) => flight);
    const reads = misses.map(({ read }) => read);
    void this.run(flights, async () => this.loadLeft(await this.redisWay.ask(flights, reads), loadMany, 'by chance'));
  }

  private async goThrough(flights: readonly Flight<T>[], loadMany: LoadMany<T>, way: Way): Promise<void> {
    const { redis: missedRedis } = this.parts.insight.missed;
    if (way !== 'read' || !this.redisWay.isOpen()) missedRedis.bypassed += flights.length;
    if (way === 'direct' || !this.redisWay.isOpen()) return this.originWay.load(flights, loadMany);
    const left = way === 'read' ? await this.redisWay.ask(flights) : await this.redisWay.claim(flights, way);
    return way === 'force' ? this.originWay.load(flights, loadMany) : this.loadLeft(left, loadMany);
  }

  /** Loads what is left to be loaded here; that does not wait for what others load. */
  private async loadLeft(
    { mine, others }: Unanswered<T>,
    loadMany: LoadMany<T>,
    together?: 'by chance',
  ): Promise<void> {
    const followed = others.map(async (flight) => {
      if (await this.redisWay.follow(flight)) await this.originWay.load([flight], loadMany);
    });
    if (mine.length > 0) followed.push(this.originWay.load(mine, loadMany, together));
    await Promise.all(followed);
  }
}

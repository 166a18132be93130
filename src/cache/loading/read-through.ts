// The way of a load through the tiers: redis, then the origin, then back. One key and many go the same way, in the
// foreground and in the background. Each load is a flight: begun before anything is read, so that an invalidation that
// comes in between finds it and its result is not kept.
import type { CacheEngine, CategoryParts } from './category-parts.js';
import type { Flight } from './flights.js';
import { Landing } from './landing.js';
import type { LoadMany } from './load-context.js';
import { OriginWay } from './origin-way.js';
import { RedisWay } from './redis-way.js';

/**
 * - `read`: from redis if it is there.
 * - `renew`: from the origin, unless another process is doing that: then its result is waited for.
 * - `force`: from the origin, whatever is there and whoever else is loading; the answer is kept.
 * - `direct`: from the origin, and redis is neither read nor written.
 */
export type Way = 'read' | 'renew' | 'force' | 'direct';

export class ReadThrough<T> {
  readonly landing: Landing<T>;
  private readonly redisWay: RedisWay<T>;
  private readonly originWay: OriginWay<T>;

  constructor(
    private readonly engine: CacheEngine,
    private readonly parts: CategoryParts<T>,
  ) {
    this.landing = new Landing(engine, parts);
    this.redisWay = new RedisWay(engine, parts, this.landing, (key) => this.refreshInBackground(key, 'renew'));
    this.originWay = new OriginWay(engine, parts, this.landing);
  }

  /** Begins one load for all keys. */
  begin(keys: readonly string[], loadMany: LoadMany<T>, way: Way): Flight<T>[] {
    const flights = keys.map((key) => this.parts.flights.begin(key, this.engine.space.epoch));
    void this.run(flights, loadMany, way);
    return flights;
  }

  /** Loads a key that is still served, unless it is being loaded. */
  refreshInBackground(key: string, way: Way): void {
    if (!this.parts.flights.get(key)) this.begin([key], this.parts.loadMany, way);
  }

  private async run(flights: readonly Flight<T>[], loadMany: LoadMany<T>, way: Way): Promise<void> {
    const { background } = this.engine;
    background.begin();
    try {
      await this.carryOut(flights, loadMany, way);
    } catch (error) {
      for (const flight of flights) flight.fail(error);
    } finally {
      for (const flight of flights) this.parts.flights.end(flight);
      background.end();
    }
  }

  private async carryOut(flights: readonly Flight<T>[], loadMany: LoadMany<T>, way: Way): Promise<void> {
    const { redis: missedRedis } = this.parts.insight.missed;
    if (way !== 'read' || !this.redisWay.isOpen()) missedRedis.bypassed += flights.length;
    if (way === 'direct' || !this.redisWay.isOpen()) return this.originWay.load(flights, loadMany);
    const { mine, others } = way === 'read' ? await this.redisWay.ask(flights) : await this.redisWay.claim(flights);
    if (way === 'force') return this.originWay.load(flights, loadMany);
    if (mine.length === 0 && others.length === 0) return;
    // What is to be loaded here does not wait for what others load.
    await Promise.all([
      mine.length > 0 && this.originWay.load(mine, loadMany),
      ...others.map(async (flight) => {
        if (await this.redisWay.follow(flight)) await this.originWay.load([flight], loadMany);
      }),
    ]);
  }
}

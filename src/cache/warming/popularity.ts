// What is read most, over all processes and restarts. Each process counts its own hits (insight/hot-keys.ts) and adds
// them to a bounded list in redis; one process writes that list to PostgreSQL now and then, an hour at a time.
import type { Logger } from 'pino';
import type { RedisLayers } from '../../platform/redis/redis-layers.js';
import type { CategoryName } from '../cache-policy.js';
import type { TieredCache } from '../tiered-cache.js';
import type { HotKeysRepository } from './hot-keys.repository.js';
import { addAccesses, mostWanted, type PopularityLimits, type WantedKey } from './popularity.scripts.js';

const MINUTE_MS = 60_000;

export const popularityLimits: PopularityLimits = {
  halfLifeMs: 60 * MINUTE_MS,
  maxKeys: 2_000,
  lifeMs: 7 * 24 * 60 * MINUTE_MS,
};
const ADDED_AT_ONCE = 500;
const MOST_RECORDED = 1_000;

/** The most wanted keys of each category: added to, recorded by the hour, and asked for by warm-ups. */
export class Popularity {
  constructor(
    private readonly redis: RedisLayers,
    private readonly cache: TieredCache,
    private readonly history: HotKeysRepository,
    private readonly logger: Logger,
  ) {}

  /** Adds what this process has counted since the last time. What redis does not take is lost: it is a statistic. */
  async publish(): Promise<void> {
    for (const { name, insight } of this.cache.registered) {
      const accesses = insight.hotKeys.takeRecent().filter(({ key }) => isStorable(key));
      for (let from = 0; from < accesses.length; from += ADDED_AT_ONCE) {
        await addAccesses(this.client, name, accesses.slice(from, from + ADDED_AT_ONCE), popularityLimits);
      }
    }
  }

  /** Writes the lists of redis to PostgreSQL, as what is wanted in this hour. */
  async record(): Promise<void> {
    for (const { name } of this.cache.registered) {
      const wanted = await mostWanted(this.client, name, MOST_RECORDED);
      if (wanted.length > 0) await this.history.record(name, wanted);
    }
    await this.history.deleteOld();
  }

  /** The most wanted keys of the last hours; when redis has none, as they were last recorded. */
  async top(category: CategoryName, limit: number): Promise<string[]> {
    const wanted = await this.inRedis(category, limit);
    return wanted.length > 0 ? wanted.map(({ key }) => key) : this.history.latest(category, limit);
  }

  /** The keys that were wanted at this hour of the day on earlier days. */
  predicted(category: CategoryName, at: Date, limit: number): Promise<string[]> {
    return this.history.wantedAt(category, at, limit);
  }

  private async inRedis(category: CategoryName, limit: number): Promise<WantedKey[]> {
    try {
      return await mostWanted(this.client, category, limit);
    } catch (error) {
      this.logger.warn({ err: error, category }, 'redis cannot tell what is wanted most');
      return [];
    }
  }

  private get client() {
    return this.redis.client('application');
  }
}

/** PostgreSQL takes neither NUL nor half a surrogate pair. */
function isStorable(key: string): boolean {
  return key.isWellFormed() && !key.includes('\0');
}

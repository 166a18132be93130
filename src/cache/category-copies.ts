import type { CacheEngine, CategoryParts } from './loading/category-parts.js';
import type { CacheEntry } from './tiers/cache-entry.js';
import { CachedDocument } from './tiers/cached-document.js';
import type { RedisRead } from './tiers/redis-tier.js';

/** What each tier holds of a category, for operators, the auditor and the warmers. Nothing here counts as a read. */
export class CategoryCopies<T> {
  constructor(
    private readonly engine: CacheEngine,
    private readonly parts: CategoryParts<T>,
  ) {}

  /** The entry in this process. */
  look(key: string): CacheEntry<T> | undefined {
    return this.parts.memory.look(key);
  }

  /** The entry in redis. */
  async readRedis(key: string): Promise<RedisRead<T>> {
    const [read] = await this.parts.redis.read([key]);
    return read ?? { state: 'down' };
  }

  /** Whether an invalidation has made the entry void. */
  isVoid(key: string, entry: CacheEntry<unknown>): boolean {
    return this.engine.space.isEntryVoid(entry, this.parts.mark, key);
  }

  /** The ETags that these keys have at the origin now; keys it has nothing for are left out. Nothing is cached. */
  async originEtags(keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const { loadMany, loadsTogether, policy } = this.parts;
    const calls = loadsTogether ? [keys] : keys.map((key) => [key]);
    const answers = await Promise.all(
      calls.map((some) =>
        this.engine.gate.run(policy.loadDeadlineMs, (signal) =>
          loadMany(some, { signal, previous: () => undefined, freshFor: () => {} }),
        ),
      ),
    );
    const values = answers.flatMap((answer) => [...answer]);
    return new Map(values.map(([key, value]) => [key, CachedDocument.of(value, [], false).etag]));
  }

  /** How long until redis expires each key, in the order of the keys (ms); negative when it does not have it. */
  redisExpiriesMs(keys: readonly string[]): Promise<readonly number[]> {
    return this.parts.redis.expiriesMs(keys);
  }

  /** Some keys in memory, drawn at random. */
  drawMemoryKeys(count: number): string[] {
    return this.parts.memory.drawKeys(count);
  }

  get memoryUse(): { readonly entries: number; readonly bytes: number; readonly evictions: number } {
    return this.parts.memory;
  }

  /** Bytes that this process has written to redis. */
  get writtenRedisBytes(): number {
    return this.parts.redis.writtenBytes;
  }
}

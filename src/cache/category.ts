import { answerOf, type CacheAnswer } from './cache-answer.js';
import { CategoryCounters } from './cache-counters.js';
import { type CategoryName, type CategoryPolicy, cacheLimits } from './cache-policy.js';
import { type CategoryDefinition, loadEach } from './category-definition.js';
import type { ControlsInForce } from './controls/category-controls.js';
import { CategoryInsight } from './insight/category-insight.js';
import { categoryTag } from './invalidation/tag-space.js';
import { awaitFlight } from './loading/await-flight.js';
import type { CacheEngine, CategoryParts } from './loading/category-parts.js';
import { Flights } from './loading/flights.js';
import type { LoadContext, LoadMany, Unchanged } from './loading/load-context.js';
import { ReadThrough, type Way } from './loading/read-through.js';
import { SharedErrors } from './loading/shared-errors.js';
import { asksMemory, type ReadOptions, wayOf } from './read-options.js';
import type { CacheEntry } from './tiers/cache-entry.js';
import { CachedDocument } from './tiers/cached-document.js';
import { MemoryTier } from './tiers/memory-tier.js';
import type { RedisRead, RedisTier } from './tiers/redis-tier.js';
import { inBatches, type WarmOptions, type WarmProgress } from './warming/in-batches.js';

/** What can be done with a category without knowing its values. */
export type AnyCategory = Pick<
  Category<unknown>,
  | 'name'
  | 'policy'
  | 'controls'
  | 'counters'
  | 'insight'
  | 'drop'
  | 'drawMemoryKeys'
  | 'dropAll'
  | 'invalidate'
  | 'isVoid'
  | 'warm'
  | 'loadsInFlight'
  | 'look'
  | 'originEtags'
  | 'readRedis'
  | 'redisExpiriesMs'
  | 'memoryUse'
  | 'writtenBytes'
>;

/** Carries out an invalidation of keys in every tier and process. */
export type InvalidateKeys = (category: CategoryName, keys: readonly string[]) => Promise<unknown>;

/** One kind of cached data, typed. Made by `TieredCache.register`. */
export class Category<T> {
  readonly counters = new CategoryCounters();
  readonly insight = new CategoryInsight();
  private readonly sampler = this.insight.sampler;
  private readonly memory: MemoryTier<T>;
  private readonly mark: string;
  /** The key whose copy was last found void, for the path of its miss. */
  private lastVoid: string | undefined;
  private readonly flights = new Flights<T>();
  private readonly errors = new SharedErrors();
  private readonly through: ReadThrough<T>;
  private readonly loadMany: LoadMany<T>;

  constructor(
    readonly name: CategoryName,
    readonly policy: CategoryPolicy,
    private readonly redis: RedisTier<T>,
    definition: CategoryDefinition<T>,
    readonly controls: ControlsInForce,
    private readonly engine: CacheEngine & { readonly invalidateKeys: InvalidateKeys },
  ) {
    this.memory = new MemoryTier<T>(policy, controls);
    this.mark = categoryTag(name);
    this.loadMany = (keys, context) => definition.loadMany?.(keys, context) ?? loadEach(definition, keys, context);
    const parts: CategoryParts<T> = {
      mark: this.mark,
      policy,
      controls,
      memory: this.memory,
      redis,
      flights: this.flights,
      errors: this.errors,
      counters: this.counters,
      insight: this.insight,
      tagsOf: (key, value) =>
        value === undefined ? (definition.tagsOfMissing?.(key) ?? []) : definition.tagsOf(value, key),
      loadMany: this.loadMany,
    };
    this.through = new ReadThrough<T>(engine, parts);
  }

  /**
   * The answer from memory, or undefined when it is not there or cannot be believed. Synchronous, so that a hot read
   * costs a lookup; a copy that is due is refreshed in the background.
   */
  peek(key: string): CacheAnswer<T> | undefined {
    return --this.sampler.untilSample > 0 ? this.lookUp(key) : this.sampledLookUp(key);
  }

  /** Not within `peek`: what a closure captures is allocated at each call, whether the closure is made or not. */
  private sampledLookUp(key: string): CacheAnswer<T> | undefined {
    return this.insight.sample(key, () => this.lookUp(key));
  }

  private lookUp(key: string): CacheAnswer<T> | undefined {
    const copy = this.memory.get(key);
    if (copy === undefined) return undefined;
    const { backplane, space, clock } = this.engine;
    const nowMs = clock.nowMs();
    const trusted = nowMs < backplane.trustedUntilMs;
    if (!trusted && !backplane.isDown) return undefined;
    if (copy.checkedVersion !== space.version) {
      if (space.isVoid(copy.entry, this.mark)) {
        this.memory.delete(key);
        this.lastVoid = key;
        this.insight.invalidated.add(key);
        return undefined;
      }
      copy.checkedVersion = space.version;
    }
    if (nowMs >= copy.refreshAtMs) {
      const servedUntilMs = trusted ? copy.serveUntilMs : copy.failSafeUntilMs;
      if (nowMs >= servedUntilMs + (copy.entry.document ? this.controls.serveStaleMs : 0)) return undefined;
      this.through.refreshInBackground(key, 'read');
    }
    const stale = !trusted || nowMs >= copy.freshUntilMs;
    const counters = this.counters.memory;
    if (copy.entry.document === undefined) counters.negative++;
    else if (stale) counters.stale++;
    else counters.hit++;
    return answerOf(copy.entry, 'memory', nowMs, stale);
  }

  /**
   * Reads through memory, redis and the origin.
   * @throws AppError `unavailable` when the origin cannot be asked and nothing old may be served; else what the load throws.
   */
  get(key: string, options?: ReadOptions): Promise<CacheAnswer<T>> {
    return this.read(key, this.loadMany, options);
  }

  /** The same with a loader of this call, for what it knows beside the key. Refreshes in the background use `load`. */
  getOrLoad(
    key: string,
    load: (key: string, context: LoadContext<T>) => Promise<T | Unchanged | undefined>,
    options?: ReadOptions,
  ): Promise<CacheAnswer<T>> {
    return this.read(key, (keys, context) => loadEach({ load }, keys, context), options);
  }

  /** Reads many keys, at most 500; all that no tier has are loaded at once. Every key has an answer. */
  async getMany(keys: readonly string[], options?: ReadOptions): Promise<Map<string, CacheAnswer<T>>> {
    if (keys.length > cacheLimits.maxBatch) throw new RangeError(`at most ${cacheLimits.maxBatch} keys at once`);
    await this.engine.backplane.ensureCurrent();
    const answers = new Map<string, CacheAnswer<T>>();
    const missing: string[] = [];
    for (const key of new Set(keys)) {
      const answer = asksMemory(options) ? this.peek(key) : undefined;
      if (answer) answers.set(key, answer);
      else missing.push(key);
    }
    if (missing.length === 0) return answers;
    for (const key of missing) this.countMiss(key, options);
    const way = wayOf(options);
    const unclaimed = way === 'read' ? missing.filter((key) => !this.flights.get(key)) : missing;
    for (const key of unclaimed) this.errors.throwIfRecent(key, this.engine.clock.nowMs());
    if (unclaimed.length > 0) this.through.begin(unclaimed, this.loadMany, way);
    const loaded = await Promise.all(missing.map((key) => this.join(key, this.loadMany, 'read', options)));
    missing.forEach((key, i) => {
      const answer = loaded[i];
      if (answer) answers.set(key, answer);
    });
    return answers;
  }

  /**
   * Puts a value that the caller has just written to the origin; every process drops what it had. Of two calls for one
   * key at once either may stay: where that matters use `invalidate`, and let the next read load.
   */
  async set(key: string, value: T | undefined): Promise<void> {
    await this.engine.invalidateKeys(this.name, [key]);
    const given: LoadMany<T> = async () => new Map(value === undefined ? [] : [[key, value]]);
    await this.read(key, given, { refresh: true });
  }

  /** Makes keys void in every tier and every process; when it resolves, this process does not serve the old values. */
  async invalidate(keys: readonly string[]): Promise<void> {
    await this.engine.invalidateKeys(this.name, keys);
  }

  /** Loads what is not cached yet, in batches. A batch that fails is counted and left out. */
  warm(keys: readonly string[], { signal, refresh = false }: WarmOptions = {}): Promise<WarmProgress> {
    return inBatches(keys, (batch) => this.getMany(batch, { refresh }), signal);
  }

  /** In how long redis forgets each key, in the order of the keys (ms); negative when it does not have it. */
  redisExpiriesMs(keys: readonly string[]): Promise<readonly number[]> {
    return this.redis.expiriesMs(keys);
  }

  /** Applies an invalidation of keys to this process. @returns how many copies were dropped. */
  drop(keys: readonly string[]): number {
    let dropped = 0;
    for (const key of keys) {
      this.insight.invalidated.add(key);
      this.flights.void(key);
      this.errors.forget(key);
      if (this.memory.delete(key)) dropped++;
    }
    return dropped;
  }

  /** Drops everything of this process. @returns how many copies there were. */
  dropAll(): number {
    this.flights.voidAll();
    this.errors.clear();
    return this.memory.clear();
  }

  /** Some keys in memory, drawn at random. */
  drawMemoryKeys(count: number): string[] {
    return this.memory.drawKeys(count);
  }

  /** The tags that documents of these keys have at the origin now, undefined where there is none; nothing is cached. */
  async originEtags(keys: readonly string[]): Promise<ReadonlyMap<string, string | undefined>> {
    const values = await this.engine.gate.run(this.policy.loadDeadlineMs, (signal) =>
      this.loadMany(keys, { signal, previous: () => undefined, freshFor: () => {} }),
    );
    return new Map([...values].map(([key, value]) => [key, CachedDocument.of(value, [], false).etag]));
  }

  /** The copy in this process, for inspection. */
  look(key: string): CacheEntry<T> | undefined {
    return this.memory.look(key)?.entry;
  }

  /** The entry in redis, for inspection. */
  async readRedis(key: string): Promise<RedisRead<T>> {
    const [read] = await this.redis.read([key]);
    return read ?? { state: 'down' };
  }

  get memoryUse(): { readonly entries: number; readonly bytes: number; readonly evictions: number } {
    return this.memory;
  }

  /** Bytes that this process has written to redis. */
  get writtenBytes(): number {
    return this.redis.writtenBytes;
  }

  /** Whether an invalidation has made the entry void. */
  isVoid(entry: CacheEntry<unknown>): boolean {
    return this.engine.space.isVoid(entry, this.mark);
  }

  get loadsInFlight(): number {
    return this.flights.size;
  }

  /** No more than a promise of what memory has, when it has it. */
  private read(key: string, loadMany: LoadMany<T>, options: ReadOptions | undefined): Promise<CacheAnswer<T>> {
    const near = asksMemory(options) ? this.peek(key) : undefined;
    return near ? Promise.resolve(near) : this.readOn(key, loadMany, options);
  }

  private readOn(key: string, loadMany: LoadMany<T>, options: ReadOptions | undefined): Promise<CacheAnswer<T>> {
    if (key.length > cacheLimits.maxKeyLength) return Promise.reject(new RangeError('the cache key is too long'));
    if (!this.engine.backplane.isCurrent()) return this.readWhenCurrent(key, loadMany, options);
    this.countMiss(key, options);
    if (this.flights.get(key)) this.counters.coalesced++;
    return this.join(key, loadMany, wayOf(options), options);
  }

  private async readWhenCurrent(
    key: string,
    loadMany: LoadMany<T>,
    options: ReadOptions | undefined,
  ): Promise<CacheAnswer<T>> {
    await this.engine.backplane.ensureCurrent();
    const near = asksMemory(options) ? this.peek(key) : undefined;
    if (near) return near;
    this.countMiss(key, options);
    if (this.flights.get(key)) this.counters.coalesced++;
    return this.join(key, loadMany, wayOf(options), options);
  }

  private countMiss(key: string, options: ReadOptions | undefined): void {
    this.counters.memory.miss++;
    const missed = this.insight.missed.memory;
    if (!asksMemory(options) || !this.controls.memory) missed.bypassed++;
    else if (this.memory.look(key)) missed[this.engine.backplane.isCurrent() ? 'expired' : 'untrusted']++;
    else missed[this.lastVoid === key ? 'void' : 'absent']++;
    if (this.lastVoid === key) this.lastVoid = undefined;
  }

  /**
   * Waits for the load of a key, and begins one when there is none. A load begun before an invalidation which this call
   * comes after may have read the old value: then it is not taken, and another one is begun.
   */
  private async join(key: string, loadMany: LoadMany<T>, way: Way, options?: ReadOptions): Promise<CacheAnswer<T>> {
    const { space, clock } = this.engine;
    const joinedAt = space.stamp;
    for (let attempt = 0; ; attempt++) {
      const wayNow = attempt === 0 ? way : attempt > 2 ? 'force' : 'read';
      let flight = wayNow === 'read' ? this.flights.get(key) : undefined;
      if (!flight) {
        if (way === 'read') this.errors.throwIfRecent(key, clock.nowMs());
        [flight] = this.through.begin([key], loadMany, wayNow);
      }
      if (!flight) throw new Error('a load was not begun');
      const landed = options ? await awaitFlight(flight, this.through.landing, options) : await flight.promise;
      const { entry, tier, stale } = landed;
      if (entry.stamp >= joinedAt || !this.isVoid(entry)) return answerOf(entry, tier, clock.nowMs(), stale);
    }
  }
}

import type { CacheAnswer } from './cache-answer.js';
import type { CategoryCounters } from './cache-counters.js';
import { type CategoryName, type CategoryPolicy, cacheLimits } from './cache-policy.js';
import { CategoryCopies } from './category-copies.js';
import { loadEach } from './category-definition.js';
import type { CategoryControls } from './controls/category-controls.js';
import type { CategoryInsight } from './insight/category-insight.js';
import type { CacheEngine, CategoryParts } from './loading/category-parts.js';
import type { LoadContext, LoadMany, Unchanged } from './loading/load-context.js';
import { MemoryWay } from './loading/memory-way.js';
import { ReadThrough } from './loading/read-through.js';
import { asksMemory, type ReadOptions, wayOf } from './read-options.js';
import { inBatches, type WarmOptions, type WarmProgress } from './warming/in-batches.js';

/** One kind of cached data, typed. Made by `TieredCache.register`. */
export class Category<T> {
  readonly policy: CategoryPolicy;
  readonly controls: CategoryControls;
  readonly counters: CategoryCounters;
  readonly insight: CategoryInsight;
  readonly copies: CategoryCopies<T>;
  private readonly near: MemoryWay<T>;
  private readonly through: ReadThrough<T>;

  constructor(
    readonly name: CategoryName,
    private readonly parts: CategoryParts<T>,
    private readonly engine: CacheEngine,
  ) {
    this.policy = parts.policy;
    this.controls = parts.controls;
    this.counters = parts.counters;
    this.insight = parts.insight;
    this.copies = new CategoryCopies(engine, parts);
    this.through = new ReadThrough<T>(engine, parts);
    this.near = new MemoryWay(engine, parts, (key) => this.through.refreshInBackground(key, 'read'));
  }

  /**
   * The answer from memory, or undefined when it is not there or cannot be believed. Synchronous; a copy that is due is
   * refreshed in the background.
   */
  peek(key: string): CacheAnswer<T> | undefined {
    return this.near.peek(key);
  }

  /**
   * Reads through memory, redis and the origin.
   * @throws AppError `unavailable` when the origin cannot be asked and nothing old may be served; else what the load throws.
   */
  get(key: string, options?: ReadOptions): Promise<CacheAnswer<T>> {
    return this.read(key, this.parts.loadMany, options);
  }

  /** Like `get`, with a loader that may use more than the key. Background refreshes use the category's own loader. */
  getOrLoad(
    key: string,
    load: (key: string, context: LoadContext<T>) => Promise<T | Unchanged | undefined>,
    options?: ReadOptions,
  ): Promise<CacheAnswer<T>> {
    return this.read(key, (keys, context) => loadEach({ load }, keys, context), options);
  }

  /** Reads at most 500 keys; those that no tier has are loaded together. @returns their answers, in their order */
  async getMany(keys: readonly string[], options?: ReadOptions): Promise<CacheAnswer<T>[]> {
    if (keys.length > cacheLimits.maxBatch) throw new RangeError(`at most ${cacheLimits.maxBatch} keys at once`);
    if (keys.some((key) => key.length > cacheLimits.maxKeyLength)) throw tooLong();
    const { backplane } = this.engine;
    if (!backplane.isCurrent()) await backplane.ensureCurrent();
    const isNear = asksMemory(options);
    /** Keys that memory does not have, each with its index in `loaded`. */
    const wanted = new Map<string, number>();
    const near = keys.map((key) => {
      const answer = isNear ? this.peek(key) : undefined;
      if (answer || wanted.has(key)) return answer;
      this.near.countMiss(key, options);
      wanted.set(key, wanted.size);
      return undefined;
    });
    if (near.every((answer) => answer !== undefined)) return near;
    const loaded = await this.through.readMany([...wanted.keys()], wayOf(options), options);
    return keys.flatMap((key, i) => near[i] ?? loaded[wanted.get(key) ?? 0] ?? []);
  }

  /**
   * Stores a value that the caller has just written to the origin; every process drops its old copy. Of two calls for one
   * key at once either may win: where that matters, use `invalidate` and let the next read load.
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

  /** Applies an invalidation of keys to this process. @returns how many copies were dropped. */
  drop(keys: readonly string[]): number {
    const { memory, flights, errors } = this.parts;
    let dropped = 0;
    for (const key of keys) {
      this.insight.invalidated.add(key);
      flights.void(key);
      errors.forget(key);
      if (memory.delete(key)) dropped++;
    }
    return dropped;
  }

  /** Drops everything of this process. @returns how many copies there were. */
  dropAll(): number {
    this.parts.flights.voidAll();
    this.parts.errors.clear();
    return this.parts.memory.clear();
  }

  get loadsInFlight(): number {
    return this.parts.flights.size;
  }

  /** When memory has the answer, only wraps it in a promise. */
  private read(key: string, loadMany: LoadMany<T>, options: ReadOptions | undefined): Promise<CacheAnswer<T>> {
    const near = asksMemory(options) ? this.near.promise(key) : undefined;
    return near ?? this.readOn(key, loadMany, options);
  }

  private readOn(key: string, loadMany: LoadMany<T>, options: ReadOptions | undefined): Promise<CacheAnswer<T>> {
    if (key.length > cacheLimits.maxKeyLength) return Promise.reject(tooLong());
    if (!this.engine.backplane.isCurrent()) return this.readWhenCurrent(key, loadMany, options);
    return this.readFar(key, loadMany, options);
  }

  private async readWhenCurrent(
    key: string,
    loadMany: LoadMany<T>,
    options: ReadOptions | undefined,
  ): Promise<CacheAnswer<T>> {
    await this.engine.backplane.ensureCurrent();
    const near = asksMemory(options) ? this.peek(key) : undefined;
    return near ?? this.readFar(key, loadMany, options);
  }

  private readFar(key: string, loadMany: LoadMany<T>, options: ReadOptions | undefined): Promise<CacheAnswer<T>> {
    this.near.countMiss(key, options);
    return this.through.read(key, loadMany, wayOf(options), options);
  }
}

const tooLong = () => new RangeError(`a cache key has at most ${cacheLimits.maxKeyLength} characters`);

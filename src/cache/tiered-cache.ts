import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Clock } from '../platform/clock.js';
import type { EventName } from '../platform/event-map.js';
import type { Metrics } from '../platform/metrics.js';
import type { RedisLayers } from '../platform/redis/redis-layers.js';
import type { AnyCategory } from './any-category.js';
import { drawKeys } from './audit/audit-sample.js';
import { type EntryInspection, inspectEntry } from './cache-inspection.js';
import { exportCacheMetrics } from './cache-metrics.js';
import { type CategoryName, type CategoryPolicy, cacheLimits, cachePolicy, longestLifeMs } from './cache-policy.js';
import { Category } from './category.js';
import type { CategoryDefinition } from './category-definition.js';
import { CategoryRegistry } from './category-registry.js';
import type { CategoryControls } from './controls/category-controls.js';
import type { DependencyDeclaration } from './dependencies/declaration.js';
import type { Dependencies } from './dependencies/dependencies.js';
import { DependencyRegistry } from './dependencies/dependency-registry.js';
import { type CategoryStats, statsOf } from './insight/cache-stats.js';
import { Backplane } from './invalidation/backplane.js';
import { type Invalidation, type InvalidationResult, Invalidator } from './invalidation/invalidator.js';
import type { ReceivedMessage } from './invalidation/messages.js';
import { EVERYTHING, TagSpace } from './invalidation/tag-space.js';
import { Background } from './loading/background.js';
import { type CacheEngine, partsOf } from './loading/category-parts.js';
import { OriginGate } from './loading/origin-gate.js';
import { entryForm } from './tiers/entry-form.js';
import { RedisGuard } from './tiers/redis-guard.js';
import { RedisReads } from './tiers/redis-reads.js';
import { RedisTier } from './tiers/redis-tier.js';

/** What depends on the process that the cache runs in. */
export interface TieredCacheOptions {
  /** Loads that may run against the origin at once; keep it below the size of its connection pool. */
  readonly originConcurrency: number;
  /** Most loads per second that may reach the origin while redis is out; undefined: no limit. */
  readonly standbyLoadsPerS?: number;
  /** After this long a load has ended even if the origin was silent; until it ends it keeps its place (ms). */
  readonly loadLifeMs?: number;
  /** How long another process may serve an old value after a write was answered, while redis is reachable (ms). */
  readonly staleBoundMs?: number;
  /** Rows of the policy table to use instead of the built-in ones. */
  readonly policies?: Readonly<Partial<Record<CategoryName, CategoryPolicy>>>;
}

/** What one process did since its start. */
export interface CacheStats {
  /** Every invalidation is known to have been applied. */
  readonly current: boolean;
  readonly redisBreaker: (typeof BREAKER_STATES)[number];
  /** How often invalidations may have been missed, and memory was dropped. */
  readonly gaps: number;
  readonly pendingInvalidations: number;
  readonly redisFailures: { readonly down: number; readonly refused: number };
  readonly categories: Readonly<Record<string, CategoryStats>>;
}

/** As cockatiel counts them. */
const BREAKER_STATES = ['closed', 'open', 'half-open', 'isolated'] as const;

const SETTLE_MS = 2_000;

/**
 * Reads through memory, redis and the origin (PostgreSQL), one policy row for each category.
 *
 * - A fill is fenced in both tiers: what was read before a write is not kept after it.
 * - After an invalidation has resolved, this process serves nothing older, and no other process does after `staleBoundMs`.
 * - Concurrent misses of a key make one load. Redis being down is not a miss: reads go on from memory, marked stale, or
 *   from the origin behind a bulkhead.
 */
export class TieredCache {
  private readonly categories = new CategoryRegistry();
  private readonly policies: Record<CategoryName, CategoryPolicy>;
  private readonly dependencies: DependencyRegistry;
  private readonly space = new TagSpace();
  private readonly guard: RedisGuard;
  private readonly reads: RedisReads;
  private readonly backplane: Backplane;
  private readonly invalidator: Invalidator;
  private readonly background = new Background();
  private readonly engine: CacheEngine;

  constructor(
    private readonly redis: RedisLayers,
    private readonly clock: Clock,
    metrics: Metrics,
    logger: Logger,
    options: TieredCacheOptions,
  ) {
    this.policies = { ...cachePolicy, ...options.policies };
    this.dependencies = new DependencyRegistry(this.policies, cacheLimits.maxTagsOfChange);
    const source = randomUUID();
    const staleBoundMs = options.staleBoundMs ?? cacheLimits.staleBoundMs;
    const followBlockMs = Math.min(cacheLimits.followBlockMs, Math.ceil(staleBoundMs / 3));
    this.guard = new RedisGuard(redis, logger, cacheLimits.redisDeadlineMs);
    this.reads = new RedisReads(this.guard);
    const gate = new OriginGate(
      {
        concurrency: options.originConcurrency,
        queue: cacheLimits.originQueue,
        standbyPerS: options.standbyLoadsPerS,
        loadLifeMs: options.loadLifeMs ?? cacheLimits.loadLifeMs,
      },
      () => this.backplane.isDown,
    );
    this.backplane = new Backplane(this.guard, this.space, clock, logger, { source, staleBoundMs, followBlockMs });
    this.invalidator = new Invalidator(this.guard, this.space, this.backplane, this.categories, {
      source,
      markerLifeMs: 2 * longestLifeMs(this.policies),
    });
    this.engine = {
      clock,
      space: this.space,
      backplane: this.backplane,
      gate,
      background: this.background,
      invalidateKeys: (category, keys) => this.invalidator.invalidate({ category, keys }),
    };
    exportCacheMetrics(metrics, {
      categories: this.categories,
      dependencies: this.dependencies,
      guard: this.guard,
      backplane: this.backplane,
      invalidator: this.invalidator,
    });
  }

  /** Declares how a category is loaded. Once for each category, before it is read. */
  register<T>(name: CategoryName, definition: CategoryDefinition<T>): Category<T> {
    if (this.categories.get(name)) throw new Error(`the cache category ${name} is registered twice`);
    const policy = this.policies[name];
    const controls = this.categories.controlsOf(name);
    const inRedis = { ...policy, form: entryForm(definition, policy) };
    const redis = new RedisTier<T>(this.guard, this.reads, name, inRedis, controls);
    const category = new Category<T>(name, partsOf(name, definition, { policy, controls, redis }), this.engine);
    this.categories.add(category);
    return category;
  }

  /**
   * Declares what shows what in a feature, before its categories are registered.
   * @throws Error when it has a cycle, passes a limit or differs from the policy table
   */
  declare<const D extends DependencyDeclaration>(declaration: D): Dependencies<D> {
    return this.dependencies.declare(declaration);
  }

  /** Makes void what an event of the database names. */
  invalidateHeard(event: EventName, tags: readonly string[]): Promise<InvalidationResult> {
    this.dependencies.heard(event, tags);
    return this.invalidator.invalidate({ tags });
  }

  /** Makes keys, tags, a category or everything void, in every tier and process. */
  invalidate(what: Invalidation): Promise<InvalidationResult> {
    return this.invalidator.invalidate(what);
  }

  /** What each tier holds under a key. @returns undefined when no such category is registered. */
  async inspect(category: CategoryName, key: string): Promise<EntryInspection | undefined> {
    const found = this.categories.get(category);
    return found && inspectEntry(found, key, this.clock.nowMs());
  }

  /** What this process did since its start, by category, and whether its invalidations are up to date. */
  stats(): CacheStats {
    return {
      current: this.backplane.isCurrent(),
      redisBreaker: BREAKER_STATES[this.guard.state] ?? 'open',
      gaps: this.backplane.gaps,
      pendingInvalidations: this.invalidator.pendingCount,
      redisFailures: { ...this.guard.failures },
      categories: Object.fromEntries(this.categories.all().map((one) => [one.name, statsOf(one)])),
    };
  }

  /** Every invalidation is known to have been applied. */
  get isCurrent(): boolean {
    return this.backplane.isCurrent();
  }

  /** The application clock that entries are stamped with. */
  get nowMs(): number {
    return this.clock.nowMs();
  }

  /** Keys for an audit, by category. */
  drawAuditKeys(): Promise<ReadonlyMap<AnyCategory, readonly string[]>> {
    return drawKeys(this.registered, this.guard);
  }

  /** The registered categories. */
  get registered(): AnyCategory[] {
    return this.categories.all();
  }

  /** The category by its name; undefined when no module has registered it. */
  category(name: CategoryName): AnyCategory | undefined {
    return this.categories.get(name);
  }

  /** Puts an operator's controls of a category in force in this process, whether it is registered yet or not. */
  control(name: CategoryName, controls: CategoryControls): void {
    this.categories.control(name, controls);
  }

  /** Begins to follow invalidations. Resolves when memory can be believed, or after two seconds when redis is out. */
  async start(): Promise<void> {
    await this.backplane.start(this.redis, {
      apply: (message) => this.receive(message),
      dropAll: () => this.categories.dropAll(),
      replayPending: () => this.invalidator.replay(),
      hasPending: () => this.invalidator.pendingCount > 0,
    });
  }

  /** Waits for background work, for a bounded time since requests still served add more; then stops following. */
  async stop(): Promise<void> {
    await Promise.race([this.settled(), sleep(SETTLE_MS, undefined, { ref: false })]);
    await this.backplane.stop();
  }

  /** Waits for the work that no reader waits for: refreshes, fills of redis. */
  async settled(): Promise<void> {
    await this.background.settled();
  }

  private receive(message: ReceivedMessage): void {
    const body = message.body ?? { keys: [], tags: [EVERYTHING] };
    this.categories.drop(body);
    this.space.apply(body.tags, message.stamp);
  }
}

import { Counter } from 'prom-client';
import type { Metrics } from '../platform/metrics.js';
import type { AnyCategory } from './any-category.js';
import { type CategoryCounters, TierCounters } from './cache-counters.js';
import type { CategoryRegistry } from './category-registry.js';
import type { DependencyRegistry } from './dependencies/dependency-registry.js';
import { exportInsightGauges } from './insight/insight-gauges.js';
import { exportInsight, type PublishCounter } from './insight/insight-metrics.js';
import type { Backplane } from './invalidation/backplane.js';
import type { Invalidator } from './invalidation/invalidator.js';
import type { RedisGuard } from './tiers/redis-guard.js';

export interface CacheInternals {
  readonly categories: CategoryRegistry;
  readonly dependencies: DependencyRegistry;
  readonly guard: RedisGuard;
  readonly backplane: Backplane;
  readonly invalidator: Invalidator;
}

type Categories = () => readonly AnyCategory[];

const OUTCOMES = Object.keys(new TierCounters()) as (keyof TierCounters)[];

/** What each category counts besides the answers of its tiers. */
const COUNTED: readonly [
  name: string,
  help: string,
  counter: Exclude<keyof CategoryCounters, 'memory' | 'redis' | 'origin'>,
][] = [
  ['cache_coalesced_total', 'Requests that waited for a load begun by another one.', 'coalesced'],
  ['cache_unreadable_total', 'Entries in redis that did not fit their codec.', 'unreadable'],
  ['cache_refused_fills_total', 'Fills of redis refused by their fence.', 'refusedFills'],
  ['cache_over_tagged_total', 'Values with too many tags to be kept.', 'overTagged'],
];

/** Publishes the cache's numbers as Prometheus metrics, read when they are collected. */
export function exportCacheMetrics(metrics: Metrics, internals: CacheInternals): void {
  const categories = () => internals.categories.all();
  const publish = publisherOf(metrics);
  exportInsight(publish, categories);
  exportInsightGauges(metrics, categories);
  exportReads(publish, categories);
  exportCategoryGauges(metrics, categories);
  exportDependencies(publish, internals.dependencies);
  exportRedis(publish, metrics, internals);
}

function publisherOf({ registry }: Metrics): PublishCounter {
  return (name, help, labelNames, read) => {
    new Counter({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset();
        read((labels, value) => this.inc(labels, value));
      },
    });
  };
}

function exportReads(publish: PublishCounter, categories: Categories): void {
  publish(
    'cache_requests_total',
    'What each tier was asked and answered: a miss of one tier is a request to the next.',
    ['category', 'tier', 'outcome'],
    (count) => {
      for (const { name: category, counters } of categories()) {
        for (const tier of ['memory', 'redis', 'origin'] as const) {
          for (const outcome of OUTCOMES) count({ category, tier, outcome }, counters[tier][outcome]);
        }
      }
    },
  );
  for (const [name, help, counter] of COUNTED) {
    publish(name, help, ['category'], (count) => {
      for (const { name: category, counters } of categories()) count({ category }, counters[counter]);
    });
  }
}

function exportCategoryGauges(metrics: Metrics, categories: Categories): void {
  /** @param read null where there is nothing to tell yet */
  const gauge = (name: string, help: string, read: (category: AnyCategory) => number | null) =>
    metrics.gauge(name, help, ['category'], (values) => {
      for (const category of categories()) {
        const value = read(category);
        if (value !== null) values.set({ category: category.name }, value);
      }
    });
  gauge('cache_memory_bytes', 'Bytes in memory, roughly.', ({ copies }) => copies.memoryUse.bytes);
  gauge('cache_memory_entries', 'Entries in memory.', ({ copies }) => copies.memoryUse.entries);
  gauge(
    'cache_consistency_ratio',
    'Share of the audited copies that were right.',
    ({ insight }) => insight.audit.consistency,
  );
  gauge('cache_loads_in_flight', 'Keys being loaded now.', ({ loadsInFlight }) => loadsInFlight);
}

function exportDependencies(publish: PublishCounter, dependencies: DependencyRegistry): void {
  publish(
    'cache_whole_clears_total',
    'Changes too wide to name what they drop: all of the feature was dropped instead.',
    ['feature', 'told_by'],
    (count) => {
      for (const { declaration, clears } of dependencies.all()) {
        count({ feature: declaration.feature, told_by: 'writer' }, clears.writer);
        count({ feature: declaration.feature, told_by: 'event' }, clears.event);
      }
    },
  );
  publish(
    'cache_undeclared_tags_total',
    'Tags of events that no kind of the feature has: its triggers and its dependencies differ.',
    ['feature'],
    (count) => {
      for (const { declaration, undeclared } of dependencies.all()) count({ feature: declaration.feature }, undeclared);
    },
  );
}

function exportRedis(publish: PublishCounter, metrics: Metrics, internals: CacheInternals): void {
  const { guard, backplane, invalidator } = internals;
  publish('cache_redis_failures_total', 'Steps in redis that failed.', ['kind'], (count) => {
    count({ kind: 'down' }, guard.failures.down);
    count({ kind: 'refused' }, guard.failures.refused);
  });
  publish('cache_gaps_total', 'How often invalidations may have been missed and memory was dropped.', [], (count) =>
    count({}, backplane.gaps),
  );
  const gauge = (name: string, help: string, read: () => number) =>
    metrics.gauge(name, help, [], (values) => values.set(read()));
  gauge('cache_redis_breaker_state', '0 closed, 1 open, 2 half-open, 3 isolated.', () => guard.state);
  gauge('cache_current', '1 while every invalidation is known to have been applied.', () =>
    backplane.isCurrent() ? 1 : 0,
  );
  gauge(
    'cache_pending_invalidations',
    'Invalidations that redis could not be told yet.',
    () => invalidator.pendingCount,
  );
}

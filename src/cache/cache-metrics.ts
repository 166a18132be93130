import { Counter } from 'prom-client';
import type { Metrics } from '../platform/metrics.js';
import type { AnyCategory } from './any-category.js';
import { TierCounters } from './cache-counters.js';
import type { CategoryRegistry } from './category-registry.js';
import type { DependencyRegistry } from './dependencies/dependency-registry.js';
import { exportInsightGauges } from './insight/insight-gauges.js';
import { exportInsight } from './insight/insight-metrics.js';
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

const OUTCOMES = Object.keys(new TierCounters()) as (keyof TierCounters)[];

/** Publishes the integers of the cache as Prometheus metrics, at the moment they are read. */
export function exportCacheMetrics(
  metrics: Metrics,
  { categories, dependencies, guard, backplane, invalidator }: CacheInternals,
): void {
  const counted = <L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    read: (count: (labels: Record<L, string>, value: number) => void) => void,
  ) =>
    new Counter({
      name,
      help,
      labelNames,
      registers: [metrics.registry],
      collect() {
        this.reset();
        read((labels, value) => this.inc(labels, value));
      },
    });
  exportInsight(counted, () => categories.all());
  exportInsightGauges(metrics, () => categories.all());
  const each = (read: (category: AnyCategory) => void) => {
    for (const category of categories.all()) read(category);
  };

  counted(
    'cache_requests_total',
    'What each tier was asked and answered: a miss of one tier is a request to the next.',
    ['category', 'tier', 'outcome'],
    (count) =>
      each(({ name: category, counters }) => {
        for (const tier of ['memory', 'redis', 'origin'] as const) {
          for (const outcome of OUTCOMES) count({ category, tier, outcome }, counters[tier][outcome]);
        }
      }),
  );
  counted('cache_coalesced_total', 'Requests that waited for a load begun by another one.', ['category'], (count) =>
    each(({ name: category, counters }) => count({ category }, counters.coalesced)),
  );
  counted('cache_unreadable_total', 'Entries in redis that did not fit their codec.', ['category'], (count) =>
    each(({ name: category, counters }) => count({ category }, counters.unreadable)),
  );
  counted('cache_refused_fills_total', 'Fills of redis refused by their fence.', ['category'], (count) =>
    each(({ name: category, counters }) => count({ category }, counters.refusedFills)),
  );
  counted('cache_over_tagged_total', 'Values with too many tags to be kept.', ['category'], (count) =>
    each(({ name: category, counters }) => count({ category }, counters.overTagged)),
  );
  counted(
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
  counted(
    'cache_undeclared_tags_total',
    'Tags of events that no kind of the feature has: its triggers and its dependencies differ.',
    ['feature'],
    (count) => {
      for (const { declaration, undeclared } of dependencies.all()) count({ feature: declaration.feature }, undeclared);
    },
  );
  counted('cache_redis_failures_total', 'Steps in redis that failed.', ['kind'], (count) => {
    count({ kind: 'down' }, guard.failures.down);
    count({ kind: 'refused' }, guard.failures.refused);
  });
  counted('cache_gaps_total', 'How often invalidations may have been missed and memory was dropped.', [], (count) =>
    count({}, backplane.gaps),
  );
  metrics.gauge('cache_memory_bytes', 'Bytes in memory, roughly.', ['category'], (gauge) =>
    each(({ name: category, copies }) => gauge.set({ category }, copies.memoryUse.bytes)),
  );
  metrics.gauge('cache_memory_entries', 'Entries in memory.', ['category'], (gauge) =>
    each(({ name: category, copies }) => gauge.set({ category }, copies.memoryUse.entries)),
  );
  metrics.gauge('cache_consistency_ratio', 'Share of the audited copies that were right.', ['category'], (gauge) =>
    each(({ name: category, insight }) => {
      const { consistency } = insight.audit;
      if (consistency !== null) gauge.set({ category }, consistency);
    }),
  );
  metrics.gauge('cache_loads_in_flight', 'Keys being loaded now.', ['category'], (gauge) =>
    each((category) => gauge.set({ category: category.name }, category.loadsInFlight)),
  );
  metrics.gauge('cache_redis_breaker_state', '0 closed, 1 open, 2 half-open, 3 isolated.', [], (gauge) =>
    gauge.set(guard.state),
  );
  metrics.gauge('cache_current', '1 while every invalidation is known to have been applied.', [], (gauge) =>
    gauge.set(backplane.isCurrent() ? 1 : 0),
  );
  metrics.gauge('cache_pending_invalidations', 'Invalidations that redis could not be told yet.', [], (gauge) =>
    gauge.set(invalidator.pendingCount),
  );
}

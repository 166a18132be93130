import type { AnyCategory } from '../any-category.js';

/** Publishes a counter that is read when the metrics are. */
export type PublishCounter = <L extends string>(
  name: string,
  help: string,
  labelNames: readonly L[],
  read: (count: (labels: Record<L, string>, value: number) => void) => void,
) => void;

const TIERS = ['memory', 'redis', 'origin'] as const;

/** Upper ends of the buckets, 1 µs to 8 s: about eightfold steps, the last one fourfold. */
const BOUNDS_MS = [0.001, 0.008, 0.064, 0.512, 4, 32, 256, 2_048, 8_192];

/** Publishes what is observed of the categories. Labels are categories, tiers and reasons: never a key. */
export function exportInsight(publish: PublishCounter, categories: () => Iterable<AnyCategory>): void {
  publish('cache_missed_total', 'Why reads went on past a tier.', ['category', 'tier', 'reason'], (count) => {
    for (const { name: category, insight } of categories()) {
      for (const tier of ['memory', 'redis'] as const) {
        for (const [reason, value] of Object.entries(insight.missed[tier])) count({ category, tier, reason }, value);
      }
    }
  });
  publish('cache_memory_evictions_total', 'Copies in memory that had to go for others.', ['category'], (count) => {
    for (const { name: category, copies } of categories()) count({ category }, copies.memoryUse.evictions);
  });
  publish('cache_redis_written_bytes_total', 'Bytes written to redis.', ['category'], (count) => {
    for (const { name: category, copies } of categories()) count({ category }, copies.writtenRedisBytes);
  });
  publish(
    'cache_audited_total',
    'Cached copies compared with the origin, by what was found; a difference that a write under way explains is raced.',
    ['category', 'result'],
    (count) => {
      for (const { name: category, insight } of categories()) {
        for (const result of ['agreed', 'differed', 'raced'] as const)
          count({ category, result }, insight.audit[result]);
      }
    },
  );
  const loadCost = 'cache_load_cost_seconds';
  const help = 'What loading took of the values that were read, whoever loaded them.';
  publish(`${loadCost}_sum`, help, ['category'], (count) => {
    for (const { name: category, insight } of categories()) count({ category }, insight.loadCost.sumMs / 1_000);
  });
  publish(`${loadCost}_count`, help, ['category'], (count) => {
    for (const { name: category, insight } of categories()) count({ category }, insight.loadCost.count);
  });
  exportLatency(publish, categories);
}

/** The three series of a Prometheus histogram: `histogram_quantile` reads them, over all processes if asked to. */
function exportLatency(publish: PublishCounter, categories: () => Iterable<AnyCategory>): void {
  const name = 'cache_tier_seconds';
  const help = 'How long a step in a tier took; in memory a sample.';
  const each = (
    read: (labels: { category: string; tier: string }, latency: AnyCategory['insight']['latency']['redis']) => void,
  ) => {
    for (const { name: category, insight } of categories()) {
      for (const tier of TIERS) read({ category, tier }, insight.latency[tier]);
    }
  };
  publish(`${name}_bucket`, help, ['category', 'tier', 'le'], (count) =>
    each((labels, latency) => {
      for (const boundMs of BOUNDS_MS) count({ ...labels, le: String(boundMs / 1_000) }, latency.countUpTo(boundMs));
      count({ ...labels, le: '+Inf' }, latency.count);
    }),
  );
  publish(`${name}_sum`, help, ['category', 'tier'], (count) =>
    each((labels, latency) => count(labels, latency.sumMs / 1_000)),
  );
  publish(`${name}_count`, help, ['category', 'tier'], (count) =>
    each((labels, latency) => count(labels, latency.count)),
  );
}

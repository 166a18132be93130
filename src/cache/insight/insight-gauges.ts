import type { Metrics } from '../../platform/metrics.js';
import type { AnyCategory } from '../any-category.js';
import { savedMsOf } from './cache-stats.js';

/** Publishes values that may also fall: what the cache has saved, and the share of reads that the hottest keys take. */
export function exportInsightGauges(metrics: Metrics, categories: () => Iterable<AnyCategory>): void {
  metrics.gauge(
    'cache_saved_seconds',
    'What cached answers saved: hits × (mean load cost − mean time of the tier).',
    ['category'],
    (gauge) => {
      for (const category of categories()) gauge.set({ category: category.name }, savedMsOf(category) / 1_000);
    },
  );
  metrics.gauge(
    'cache_hot_keys_ratio',
    'Share of the accesses that go to the top so many percent of the keys.',
    ['category', 'top'],
    (gauge) => {
      const nowMs = performance.now();
      for (const { name: category, insight, copies } of categories()) {
        const { shareOfTop } = insight.hotKeys.report(0, copies.memoryUse.entries, nowMs);
        gauge.set({ category, top: '1' }, shareOfTop.percent1);
        gauge.set({ category, top: '5' }, shareOfTop.percent5);
        gauge.set({ category, top: '10' }, shareOfTop.percent10);
      }
    },
  );
}

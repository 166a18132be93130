import { Inject, Injectable } from '@nestjs/common';
import { Metrics } from '../../platform/metrics.js';
import { LevelCountsRepository } from './level-counts.repository.js';

/** How many levels are low or out, and what is held in PostgreSQL, asked when the metrics are read. */
@Injectable()
export class LevelMetrics {
  constructor(@Inject(Metrics) metrics: Metrics, @Inject(LevelCountsRepository) counts: LevelCountsRepository) {
    metrics.gauge(
      'inventory_levels',
      'Counted levels by state: out, low or enough; of the first 100,000.',
      ['state'],
      async (gauge) => {
        // Without PostgreSQL the other metrics are wanted all the more.
        const levels = await counts.levels().catch(() => undefined);
        gauge.reset();
        if (!levels) return;
        gauge.set({ state: 'out' }, levels.out);
        gauge.set({ state: 'low' }, levels.low);
        gauge.set({ state: 'enough' }, levels.enough);
      },
    );
    metrics.gauge(
      'inventory_standby_holds',
      'Live holds that PostgreSQL has of a time without Redis: how many, and units in them; at most 10,000 are counted.',
      ['measure'],
      async (gauge) => {
        const holds = await counts.standbyHolds().catch(() => undefined);
        gauge.reset();
        if (!holds) return;
        gauge.set({ measure: 'holds' }, holds.count);
        gauge.set({ measure: 'units' }, holds.units);
      },
    );
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { Metrics } from '../../platform/metrics.js';

const KEEP_MS = 30 * 60_000;

interface HoldCounts {
  readonly lines: number;
  readonly units: number;
}

/** One process of many counts, and next time it may be another one: an old count is not shown. */
class LastCount {
  private counted: HoldCounts | undefined;
  private atMs = 0;

  set({ lines, units }: HoldCounts): void {
    this.counted = { lines, units };
    this.atMs = performance.now();
  }

  get(): HoldCounts | undefined {
    return performance.now() - this.atMs < KEEP_MS ? this.counted : undefined;
  }
}

/** What this process has seen of holds, levels and the stores they are in; each label has a few values only. */
@Injectable()
export class InventoryMetrics {
  /** By what was answered: reserved, short, resolved, conflict, or failed when neither store could hold anything. */
  readonly reserves;
  /** By what was compared and how it differed. */
  readonly differences;
  readonly epochChanges;
  /** Holds of the time without Redis, by what became of them in Redis. */
  readonly handovers;
  /** Orders whose stock one statement took. */
  readonly allocationOrders;
  /** What the last comparison of holds has counted in Redis. */
  readonly liveHolds = new LastCount();

  constructor(@Inject(Metrics) metrics: Metrics) {
    this.reserves = metrics.counter('inventory_reserves_total', 'Holds that were asked for, by outcome.', ['outcome']);
    this.differences = metrics.counter(
      'inventory_reconcile_differences_total',
      'Differences between Redis and PostgreSQL that were repaired, by kind.',
      ['kind'],
    );
    metrics.gauge(
      'inventory_redis_holds',
      'Live holds in Redis as this process last compared them, in the last half hour: lines of them, and units.',
      ['measure'],
      (gauge) => {
        gauge.reset();
        const counted = this.liveHolds.get();
        if (!counted) return;
        gauge.set({ measure: 'lines' }, counted.lines);
        gauge.set({ measure: 'units' }, counted.units);
      },
    );
    this.epochChanges = metrics.counter(
      'inventory_epoch_changes_total',
      'Times that this process made all levels in Redis void, because a store may have lost data.',
    );
    this.handovers = metrics.counter(
      'inventory_handovers_total',
      'Holds of the time without Redis that were handed over to it, by outcome.',
      ['outcome'],
    );
    this.allocationOrders = metrics.histogram(
      'inventory_allocation_orders',
      'Orders whose stock one statement took.',
      [],
      [1, 2, 4, 8, 16, 32, 64],
    );
  }
}

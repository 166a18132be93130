// Single reads whose misses redis tells in one turn go on together: one lease script, one load and one fill for all of
// them. Nobody waits for it, since their replies came together.
import type { RedisRead } from '../tiers/redis-tier.js';
import type { Flight } from './flights.js';

export interface Miss<T> {
  readonly flight: Flight<T>;
  /** What redis answered. */
  readonly read: RedisRead<T>;
}

/** More would wait for one connection to the origin while others are free. */
const MOST_TOGETHER = 16;

export class MissedTogether<T> {
  private misses: Miss<T>[] = [];

  constructor(private readonly goOn: (misses: readonly Miss<T>[]) => void) {}

  add(miss: Miss<T>): void {
    this.misses.push(miss);
    if (this.misses.length === 1) queueMicrotask(() => this.flush());
  }

  private flush(): void {
    const { misses } = this;
    this.misses = [];
    for (let from = 0; from < misses.length; from += MOST_TOGETHER) {
      this.goOn(misses.slice(from, from + MOST_TOGETHER));
    }
  }
}

// Single reads whose misses arrive from redis in one turn go on together: one lease script, one load and one fill for all of
// them. This delays none of them, since their replies came together.
import type { RedisRead } from '../tiers/redis-tier.js';
import type { Background } from './background.js';
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

  constructor(
    private readonly background: Background,
    private readonly load: (misses: readonly Miss<T>[]) => void,
  ) {}

  add(miss: Miss<T>): void {
    this.misses.push(miss);
    if (this.misses.length === 1) this.background.track(this.flush());
  }

  /** In a microtask: by then all replies that came together have been read. */
  private async flush(): Promise<void> {
    await undefined;
    const { misses } = this;
    this.misses = [];
    for (let from = 0; from < misses.length; from += MOST_TOGETHER) {
      this.load(misses.slice(from, from + MOST_TOGETHER));
    }
  }
}

// Readers that never stop: some of what is hot, some of what nobody has asked for lately.
import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenCache } from './open-cache.ts';

export interface ReaderReport {
  readonly hot: number;
  /** Of them: answered from memory or redis, and not marked as stale. */
  readonly goodHits: number;
  readonly fromOrigin: number;
  readonly overDeadline: number;
  readonly farOverDeadline: number;
  readonly hotFailures: string[];
  readonly cold: number;
  readonly coldRefused: number;
  readonly mostLoadsAtOnce: number;
  readonly isCurrent: boolean;
  readonly breaker: string;
}

export const LOOPS = 10;
const DEADLINE_MS = 200;
/** Far more than a machine that is busy with other things makes of a deadline. */
const FAR = 10;

export class SteadyReaders {
  private readonly open: OpenCache;
  private counts = newCounts();

  constructor(open: OpenCache) {
    this.open = open;
  }

  start(hot: readonly string[], cold: readonly string[]): void {
    for (let i = 0; i < LOOPS; i++) {
      void this.readHot(hot, i);
      void this.readCold(cold, i);
    }
  }

  /** What happened since the last report. */
  report(): ReaderReport {
    const { hotFailures, ...counts } = this.counts;
    const { current, redisBreaker } = this.open.cache.stats();
    const mostLoadsAtOnce = this.open.origin.mostAtOnce;
    this.counts = newCounts();
    this.open.origin.mostAtOnce = 0;
    return {
      ...counts,
      hotFailures: [...hotFailures],
      mostLoadsAtOnce,
      isCurrent: current,
      breaker: redisBreaker,
    };
  }

  private async readHot(keys: readonly string[], loop: number): Promise<void> {
    for (let i = loop; ; i += LOOPS) {
      const startedAtMs = performance.now();
      try {
        const { tier, stale } = await this.open.items.get(keys[i % keys.length]!);
        if (tier === 'origin') this.counts.fromOrigin++;
        else if (!stale) this.counts.goodHits++;
      } catch (error) {
        this.counts.hotFailures.add(String(error));
      }
      const tookMs = performance.now() - startedAtMs;
      this.counts.hot++;
      if (tookMs > DEADLINE_MS) this.counts.overDeadline++;
      if (tookMs > FAR * DEADLINE_MS) this.counts.farOverDeadline++;
      await sleep(4);
    }
  }

  private async readCold(keys: readonly string[], loop: number): Promise<void> {
    for (let i = loop; ; i += LOOPS) {
      this.counts.cold++;
      await this.open.items.get(keys[i % keys.length]!).catch(() => this.counts.coldRefused++);
      await sleep(2);
    }
  }
}

function newCounts() {
  return {
    hot: 0,
    goodHits: 0,
    fromOrigin: 0,
    overDeadline: 0,
    farOverDeadline: 0,
    hotFailures: new Set<string>(),
    cold: 0,
    coldRefused: 0,
  };
}

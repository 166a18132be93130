import type { AnyCategory } from '../any-category.js';
import { keptLateMs } from '../freshness.js';
import type { Popularity } from './popularity.js';
import type { WarmPlan, WarmSource } from './warm-plan.js';

/** What a feature wants warmed under the name of one of its categories. */
export interface Warmer {
  /** What is to be loaded, the most wanted first; it may name keys of other categories that belong to it. */
  plan(options: WarmOptionsOfPlan): Promise<WarmPlan>;
}

export interface WarmOptionsOfPlan {
  /** At most so many keys of the category itself. */
  readonly top?: number | undefined;
}

export interface WarmRequest extends WarmOptionsOfPlan {
  readonly source?: WarmSource | undefined;
  /** Just these keys, with the source `list`. */
  readonly keys?: readonly string[] | undefined;
}

const DEFAULT_TOP = 1_000;
const EXPIRING_TOP = 500;
/** What will be past its fresh time within so long is loaded anew; longer than the time between two such jobs. */
const EXPIRING_WITHIN_MS = 6 * 60_000;

/** The keys of a warm-up, by its source. */
export class WarmPlanner {
  constructor(private readonly popularity: Popularity) {}

  async plan(
    category: AnyCategory,
    source: WarmSource,
    { top = DEFAULT_TOP, keys }: WarmRequest,
    warmer: Warmer | undefined,
  ): Promise<WarmPlan> {
    if (source === 'list' && !keys && warmer) return warmer.plan({ top });
    return [{ category: category.name, keys: keys ?? (await this.keysOf(category, source, top)) }];
  }

  private keysOf(category: AnyCategory, source: WarmSource, top: number): Promise<readonly string[]> {
    switch (source) {
      case 'predicted':
        return this.popularity.predicted(category.name, new Date(Date.now() + 3_600_000), top);
      case 'expiring':
        return this.expiring(category, Math.min(top, EXPIRING_TOP));
      default:
        return this.popularity.top(category.name, top);
    }
  }

  /** Those of the most wanted keys that redis has, and that will not be fresh much longer. */
  private async expiring(category: AnyCategory, top: number): Promise<readonly string[]> {
    const wanted = await this.popularity.top(category.name, top);
    const lateMs = keptLateMs(category.policy, category.controls);
    const expiriesMs = await category.copies.redisExpiriesMs(wanted);
    return wanted.filter((_key, i) => {
      const expiresInMs = expiriesMs[i] ?? -1;
      return expiresInMs > 0 && expiresInMs - lateMs < EXPIRING_WITHIN_MS;
    });
  }
}

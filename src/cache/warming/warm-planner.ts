import type { AnyCategory } from '../any-category.js';
import type { CategoryName } from '../cache-policy.js';
import { keptLateMs } from '../freshness.js';
import type { TieredCache } from '../tiered-cache.js';
import type { Popularity } from './popularity.js';
import { boundedPlan, type WarmPlan, type WarmSource } from './warm-plan.js';

/** What a feature wants warmed under the name of one of its categories. */
export interface Warmer {
  /** What to load, the most wanted first; it may include keys of other categories that belong with it. */
  plan(options: WarmOptionsOfPlan): Promise<WarmPlan>;
}

/** What a feature is given when it is asked what to warm. */
export interface WarmOptionsOfPlan {
  /** Most keys of the category itself. */
  readonly top?: number | undefined;
}

/** What to warm; without a source the category decides (`WarmPlanner.sourceOf`). */
export interface WarmRequest extends WarmOptionsOfPlan {
  readonly source?: WarmSource | undefined;
  /** Just these keys, with the source `list`. */
  readonly keys?: readonly string[] | undefined;
}

const DEFAULT_TOP = 1_000;
const EXPIRING_TOP = 500;
/** Entries whose fresh time ends within this time are reloaded; longer than the time between two such jobs. */
const EXPIRING_WITHIN_MS = 6 * 60_000;

/** What a warm-up loads: its source, and the keys from there. */
export class WarmPlanner {
  private readonly warmers = new Map<string, Warmer>();

  constructor(
    private readonly cache: TieredCache,
    private readonly popularity: Popularity,
  ) {}

  /** Declares what the source `list` of a category is. */
  register(name: CategoryName, warmer: Warmer): void {
    if (this.warmers.has(name)) throw new Error(`the warm-up ${name} is registered twice`);
    this.warmers.set(name, warmer);
  }

  /** The feature's own list where it has one, else what is popular. @returns undefined when there is no such category */
  sourceOf(name: CategoryName, { source, keys }: WarmRequest): WarmSource | undefined {
    if (!this.cache.category(name)) return undefined;
    return source ?? (this.warmers.has(name) || keys ? 'list' : 'popular');
  }

  async plan(name: CategoryName, source: WarmSource, { top = DEFAULT_TOP, keys }: WarmRequest): Promise<WarmPlan> {
    const warmer = source === 'list' && !keys ? this.warmers.get(name) : undefined;
    const plan = warmer
      ? await warmer.plan({ top })
      : [{ category: name, keys: keys ?? (await this.keysOf(name, source, top)) }];
    return boundedPlan(plan);
  }

  private async keysOf(name: CategoryName, source: WarmSource, top: number): Promise<readonly string[]> {
    const category = this.cache.category(name);
    switch (source) {
      case 'predicted':
        return this.popularity.predicted(name, new Date(Date.now() + 3_600_000), top);
      case 'expiring':
        return category ? this.expiring(category, Math.min(top, EXPIRING_TOP)) : [];
      default:
        return this.popularity.top(name, top);
    }
  }

  /** The most wanted keys that redis has and that will not be fresh much longer. */
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

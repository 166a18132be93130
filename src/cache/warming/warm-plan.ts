import type { CategoryName } from '../cache-policy.js';

/** Where the keys of a warm-up come from. */
export const WARM_SOURCES = ['list', 'popular', 'predicted', 'expiring'] as const;
/** The name of one of `WARM_SOURCES`. */
export type WarmSource = (typeof WARM_SOURCES)[number];

/** Keys of one category, loaded in this order. */
export interface WarmStep {
  readonly category: CategoryName;
  readonly keys: readonly string[];
}
/** What a warm-up loads, in this order. */
export type WarmPlan = readonly WarmStep[];

/** Most keys that a warm-up loads: the first ones of its plan. */
export const MAX_WARM_KEYS = 20_000;

export function countKeys(plan: WarmPlan): number {
  return plan.reduce((sum, { keys }) => sum + keys.length, 0);
}

/** The plan without what is beyond the limit, in steps as before. */
export function boundedPlan(plan: WarmPlan, limit = MAX_WARM_KEYS): WarmPlan {
  const bounded: WarmStep[] = [];
  let left = limit;
  for (const { category, keys } of plan) {
    if (left > 0 && keys.length > 0) bounded.push({ category, keys: keys.slice(0, left) });
    left -= keys.length;
  }
  return bounded;
}

/** The keys from a position on, in batches of one category each. */
export function* batchesFrom(plan: WarmPlan, position: number, size: number): Generator<WarmStep> {
  let skip = position;
  for (const { category, keys } of plan) {
    for (let from = Math.min(skip, keys.length); from < keys.length; from += size) {
      yield { category, keys: keys.slice(from, from + size) };
    }
    skip = Math.max(0, skip - keys.length);
  }
}

import type { Clock } from '../../platform/clock.js';
import { CategoryCounters } from '../cache-counters.js';
import type { CategoryName, CategoryPolicy } from '../cache-policy.js';
import { type CategoryDefinition, loadEach } from '../category-definition.js';
import type { ControlsInForce } from '../controls/category-controls.js';
import { CategoryInsight } from '../insight/category-insight.js';
import type { Backplane } from '../invalidation/backplane.js';
import { categoryTag, type TagSpace } from '../invalidation/tag-space.js';
import { MemoryTier } from '../tiers/memory-tier.js';
import type { RedisTier } from '../tiers/redis-tier.js';
import type { Background } from './background.js';
import { Flights } from './flights.js';
import type { LoadMany } from './load-context.js';
import type { OriginGate } from './origin-gate.js';
import { SharedErrors } from './shared-errors.js';

/** Carries out an invalidation of keys in every tier and process. */
export type InvalidateKeys = (category: CategoryName, keys: readonly string[]) => Promise<unknown>;

/** What all categories share. */
export interface CacheEngine {
  readonly clock: Clock;
  readonly space: TagSpace;
  readonly backplane: Backplane;
  readonly gate: OriginGate;
  readonly background: Background;
  readonly invalidateKeys: InvalidateKeys;
}

/** What belongs to one category. */
export interface CategoryParts<T> {
  readonly mark: string;
  readonly policy: CategoryPolicy;
  readonly controls: ControlsInForce;
  readonly memory: MemoryTier<T>;
  readonly redis: RedisTier<T>;
  readonly flights: Flights<T>;
  readonly errors: SharedErrors;
  readonly counters: CategoryCounters;
  readonly insight: CategoryInsight;
  readonly tagsOf: (key: string, value: T | undefined) => readonly string[];
  readonly loadMany: LoadMany<T>;
  /** `loadMany` is one call of the origin, however many keys it is given. */
  readonly loadsTogether: boolean;
}

export function partsOf<T>(
  name: CategoryName,
  definition: CategoryDefinition<T>,
  { policy, controls, redis }: Pick<CategoryParts<T>, 'policy' | 'controls' | 'redis'>,
): CategoryParts<T> {
  return {
    mark: categoryTag(name),
    policy,
    controls,
    memory: new MemoryTier<T>(policy, controls),
    redis,
    flights: new Flights<T>(),
    errors: new SharedErrors(),
    counters: new CategoryCounters(),
    insight: new CategoryInsight(),
    tagsOf: (key, value) =>
      value === undefined ? (definition.tagsOfMissing?.(key) ?? []) : definition.tagsOf(value, key),
    loadMany: (keys, context) => definition.loadMany?.(keys, context) ?? loadEach(definition, keys, context),
    loadsTogether: definition.loadMany !== undefined,
  };
}

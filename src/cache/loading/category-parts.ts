import type { Clock } from '../../platform/clock.js';
import type { CategoryCounters } from '../cache-counters.js';
import type { CategoryPolicy } from '../cache-policy.js';
import type { CategoryControls } from '../controls/category-controls.js';
import type { CategoryInsight } from '../insight/category-insight.js';
import type { Backplane } from '../invalidation/backplane.js';
import type { TagSpace } from '../invalidation/tag-space.js';
import type { MemoryTier } from '../tiers/memory-tier.js';
import type { RedisTier } from '../tiers/redis-tier.js';
import type { Background } from './background.js';
import type { Flights } from './flights.js';
import type { LoadMany } from './load-context.js';
import type { OriginGate } from './origin-gate.js';
import type { SharedErrors } from './shared-errors.js';

/** What all categories share. */
export interface CacheEngine {
  readonly clock: Clock;
  readonly space: TagSpace;
  readonly backplane: Backplane;
  readonly gate: OriginGate;
  readonly background: Background;
}

/** What belongs to one category. */
export interface CategoryParts<T> {
  readonly mark: string;
  readonly policy: CategoryPolicy;
  readonly controls: CategoryControls;
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

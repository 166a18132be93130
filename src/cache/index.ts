// Cached reads through memory, redis and the origin (`TieredCache`), documents written to redis first and to PostgreSQL
// later (`WriteBehind`), leader election for jobs (`LeaderLock`) and warm-ups (`WarmUps`). A feature declares which data
// shows which, registers a category for each of its `cachePolicy` rows, and invalidates what it changes.
export type { AnyCategory } from './any-category.js';
export { CacheAuditor } from './audit/cache-auditor.js';
export { CacheModule } from './cache.module.js';
export type { CacheAnswer, FoundAnswer, NotFoundAnswer } from './cache-answer.js';
export type { EntryInspection, TierInspection } from './cache-inspection.js';
export { compositeKey, type KeyParts, parseCompositeKey } from './cache-key.js';
export { type CategoryName, type CategoryPolicy, cacheLimits, cachePolicy } from './cache-policy.js';
export type { Category } from './category.js';
export type { CategoryDefinition } from './category-definition.js';
export { CacheControls, CONTROLS_POLL_MS, type StoredControls } from './controls/cache-controls.js';
export { type CategoryControls, MAX_SERVE_STALE_MS } from './controls/category-controls.js';
export type { ChangedTags } from './dependencies/changed-tags.js';
export type { DependencyDeclaration } from './dependencies/declaration.js';
export type { Dependencies } from './dependencies/dependencies.js';
export { type Effect, effectOf } from './dependencies/reach.js';
export { cacheControl, cachedAnswer, cacheStatus, sendCached } from './http/cache-response.js';
export { ifNoneMatchHolds } from './http/if-none-match.js';
export { HOT_KEYS_HALF_LIFE_MS } from './insight/hot-keys.js';
export type { Invalidation, InvalidationResult } from './invalidation/invalidator.js';
export { type LoadContext, type LoadMany, type Unchanged, unchanged } from './loading/load-context.js';
export { LeaderLock, type LeaderResult, type Leadership } from './locks/leader-lock.js';
export type { ReadOptions } from './read-options.js';
export { type CacheStats, TieredCache, type TieredCacheOptions } from './tiered-cache.js';
export { CachedDocument } from './tiers/cached-document.js';
export type { WarmOptions, WarmProgress } from './warming/in-batches.js';
export { Popularity } from './warming/popularity.js';
export { WARM_SOURCES, type WarmPlan, type WarmSource } from './warming/warm-plan.js';
export type { Warmer, WarmRequest } from './warming/warm-planner.js';
export { type WarmJob, WarmUps } from './warming/warm-ups.js';
export type {
  DocumentKind,
  FoldedDocument,
  PutOptions,
  PutResult,
  VersionedDocument,
} from './write-behind/document-kind.js';
export type { DocumentStore } from './write-behind/document-store.js';
export { isPastRedis } from './write-behind/session-epochs.js';
export { WriteBehind } from './write-behind/write-behind.js';

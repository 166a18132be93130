// Stock: levels and the ledger in PostgreSQL, holds in Redis.

export type { AdjustedLevel } from './adjust-level.js';
export type { Availability, AvailabilityState } from './availability.policy.js';
export { availabilityStates } from './availability.policy.js';
export type { HoldLine, StockLine } from './hold-lines.js';
export { MAX_HOLD_LINES } from './hold-lines.js';
export { type HoldPromise, HoldPromises } from './hold-promises.js';
export { InventoryModule } from './inventory.module.js';
export { InventoryService, MAX_AVAILABILITY_VARIANTS, type OrderLines } from './inventory.service.js';
export type { Difference, ReconciliationReport } from './reconciliation.service.js';
export { Reconciliation } from './reconciliation.service.js';
export type { Adjustment } from './stock-administration.service.js';
export { StockAdministration } from './stock-administration.service.js';
export type { Inspection } from './stock-inspection.service.js';
export { StockInspection } from './stock-inspection.service.js';
export type { StockLevel, StockPolicy } from './stock-level.js';
export type {
  AllocateResult,
  CommitResult,
  ExtendResult,
  ReleaseResult,
  ReserveResult,
  RestockedLine,
  ShortLine,
} from './stock-outcomes.js';
export type { VariantReference } from './stock-references.service.js';

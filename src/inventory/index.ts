// Stock: levels and the ledger in PostgreSQL, holds in Redis.

export type { AdjustedLevel } from './administration/adjust-level.js';
export type { Adjustment } from './administration/stock-administration.service.js';
export { StockAdministration } from './administration/stock-administration.service.js';
export type { Inspection } from './administration/stock-inspection.service.js';
export { StockInspection } from './administration/stock-inspection.service.js';
export type { VariantReference } from './administration/stock-references.service.js';
export type { HoldLine, StockLine } from './holds/hold-lines.js';
export { MAX_HOLD_LINES } from './holds/hold-lines.js';
export { HoldOwners } from './holds/hold-owners.js';
export { type HoldPromise, HoldPromises } from './holds/hold-promises.js';
export type {
  AllocateResult,
  CommitResult,
  ExtendResult,
  ReleaseResult,
  ReserveResult,
  RestockedLine,
  ShortLine,
} from './holds/stock-outcomes.js';
export { InventoryModule } from './inventory.module.js';
export { InventoryService, MAX_AVAILABILITY_VARIANTS, type OrderLines } from './inventory.service.js';
export type { Availability, AvailabilityState } from './levels/availability.policy.js';
export { availabilityStates } from './levels/availability.policy.js';
export type { StockLevel, StockPolicy } from './levels/stock-level.js';
export type { HoldDifference } from './reconciliation/compare-holds.service.js';
export type { Difference } from './reconciliation/compare-levels.service.js';
export type { ReconciliationReport } from './reconciliation/reconciliation.service.js';
export { Reconciliation } from './reconciliation/reconciliation.service.js';

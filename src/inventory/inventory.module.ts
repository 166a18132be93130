import { Global, Module } from '@nestjs/common';
import { StockIntake } from '../platform/stock-intake.js';
import { AdjustLevel } from './administration/adjust-level.js';
import { AdjustmentsRepository } from './administration/adjustments.repository.js';
import { BulkAdjustment } from './administration/bulk-adjustment.service.js';
import { InventoryAdminController } from './administration/inventory-admin.controller.js';
import { LevelSettingsRepository } from './administration/level-settings.repository.js';
import { LevelSettingsService } from './administration/level-settings.service.js';
import { StockAdministration } from './administration/stock-administration.service.js';
import { StockChangesController } from './administration/stock-changes.controller.js';
import { StockInspection } from './administration/stock-inspection.service.js';
import { StockReferences } from './administration/stock-references.service.js';
import { StockViewRepository } from './administration/stock-view.repository.js';
import { StockWrites } from './administration/stock-writes.service.js';
import { AllocationsRepository } from './allocation/allocations.repository.js';
import { EpochWatchJob } from './epoch/epoch-watch.job.js';
import { EpochsRepository } from './epoch/epochs.repository.js';
import { InventoryEpoch } from './epoch/inventory-epoch.service.js';
import { HoldOwners } from './holds/hold-owners.js';
import { HoldPromises } from './holds/hold-promises.js';
import { Holds } from './holds/holds.service.js';
import { INVENTORY_SCRIPTS, inventoryScripts } from './holds/inventory.scripts.js';
import { RedisHolds } from './holds/redis-holds.service.js';
import { StockGate } from './holds/stock-gate.store.js';
import { IntakeRepository } from './intake/intake.repository.js';
import { StockIntakeService } from './intake/stock-intake.service.js';
import { InventoryService } from './inventory.service.js';
import { LevelMirrorEvents } from './levels/level-mirror.events.js';
import { LevelMirror } from './levels/level-mirror.service.js';
import { LevelsRepository } from './levels/levels.repository.js';
import { LocationAdministration } from './locations/location-administration.service.js';
import { LocationsController } from './locations/locations.controller.js';
import { LocationsRepository } from './locations/locations.repository.js';
import { Locations } from './locations/locations.service.js';
import { InventoryMetrics } from './metrics/inventory-metrics.js';
import { LevelCountsRepository } from './metrics/level-counts.repository.js';
import { LevelMetrics } from './metrics/level-metrics.js';
import { CompareHolds } from './reconciliation/compare-holds.service.js';
import { CompareLevels } from './reconciliation/compare-levels.service.js';
import { ReconciliationJob } from './reconciliation/reconciliation.job.js';
import { Reconciliation } from './reconciliation/reconciliation.service.js';
import { HoldHandoverJob } from './standby/hold-handover.job.js';
import { HoldHandoverRepository } from './standby/hold-handover.repository.js';
import { HoldHandover } from './standby/hold-handover.service.js';
import { StandbyGate } from './standby/standby-gate.js';
import { StandbyHoldsRepository } from './standby/standby-holds.repository.js';
import { StandbyHolds } from './standby/standby-holds.service.js';

/** Levels, holds, allocations. Global, because it also stands behind the port that the catalogue reports stock through. */
@Global()
@Module({
  controllers: [InventoryAdminController, LocationsController, StockChangesController],
  providers: [
    { provide: INVENTORY_SCRIPTS, useValue: inventoryScripts },
    { provide: StockIntake, useClass: StockIntakeService },
    AdjustLevel,
    AdjustmentsRepository,
    AllocationsRepository,
    BulkAdjustment,
    CompareHolds,
    CompareLevels,
    EpochWatchJob,
    EpochsRepository,
    HoldHandover,
    HoldHandoverJob,
    HoldHandoverRepository,
    HoldOwners,
    HoldPromises,
    Holds,
    IntakeRepository,
    InventoryEpoch,
    InventoryMetrics,
    InventoryService,
    LevelCountsRepository,
    LevelMetrics,
    LevelMirror,
    LevelMirrorEvents,
    LevelSettingsRepository,
    LevelSettingsService,
    LevelsRepository,
    LocationAdministration,
    Locations,
    LocationsRepository,
    Reconciliation,
    ReconciliationJob,
    RedisHolds,
    StandbyGate,
    StandbyHolds,
    StandbyHoldsRepository,
    StockAdministration,
    StockGate,
    StockInspection,
    StockReferences,
    StockViewRepository,
    StockWrites,
  ],
  exports: [
    HoldOwners,
    HoldPromises,
    InventoryService,
    Reconciliation,
    StockAdministration,
    StockInspection,
    StockIntake,
  ],
})
export class InventoryModule {}

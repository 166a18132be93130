import { Global, Module } from '@nestjs/common';
import { StockIntake } from '../platform/stock-intake.js';
import { AdjustLevel } from './adjust-level.js';
import { AdjustmentsRepository } from './adjustments.repository.js';
import { AllocationsRepository } from './allocations.repository.js';
import { BulkAdjustment } from './bulk-adjustment.service.js';
import { EpochWatchJob } from './epoch-watch.job.js';
import { EpochsRepository } from './epochs.repository.js';
import { HoldHandoverJob } from './hold-handover.job.js';
import { HoldHandoverRepository } from './hold-handover.repository.js';
import { HoldHandover } from './hold-handover.service.js';
import { HoldPromises } from './hold-promises.js';
import { Holds } from './holds.service.js';
import { IntakeRepository } from './intake.repository.js';
import { INVENTORY_SCRIPTS, inventoryScripts } from './inventory.scripts.js';
import { InventoryService } from './inventory.service.js';
import { InventoryAdminController } from './inventory-admin.controller.js';
import { InventoryEpoch } from './inventory-epoch.service.js';
import { LevelMirrorEvents } from './level-mirror.events.js';
import { LevelMirror } from './level-mirror.service.js';
import { LevelSettingsRepository } from './level-settings.repository.js';
import { LevelSettingsService } from './level-settings.service.js';
import { LevelsRepository } from './levels.repository.js';
import { LocationAdministration } from './location-administration.service.js';
import { LocationsController } from './locations.controller.js';
import { LocationsRepository } from './locations.repository.js';
import { Locations } from './locations.service.js';
import { ReconciliationJob } from './reconciliation.job.js';
import { Reconciliation } from './reconciliation.service.js';
import { RedisHolds } from './redis-holds.service.js';
import { StandbyGate } from './standby-gate.js';
import { StandbyHoldsRepository } from './standby-holds.repository.js';
import { StandbyHolds } from './standby-holds.service.js';
import { StockAdministration } from './stock-administration.service.js';
import { StockChangesController } from './stock-changes.controller.js';
import { StockGate } from './stock-gate.store.js';
import { StockInspection } from './stock-inspection.service.js';
import { StockIntakeService } from './stock-intake.service.js';
import { StockReferences } from './stock-references.service.js';
import { StockViewRepository } from './stock-view.repository.js';
import { StockWrites } from './stock-writes.service.js';

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
    EpochWatchJob,
    EpochsRepository,
    HoldHandover,
    HoldHandoverJob,
    HoldHandoverRepository,
    HoldPromises,
    Holds,
    IntakeRepository,
    InventoryEpoch,
    InventoryService,
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
  exports: [HoldPromises, InventoryService, Reconciliation, StockAdministration, StockInspection, StockIntake],
})
export class InventoryModule {}

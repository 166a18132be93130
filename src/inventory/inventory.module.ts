import { Global, Module } from '@nestjs/common';
import { StockIntake } from '../platform/stock-intake.js';
import { AdjustmentsRepository } from './adjustments.repository.js';
import { AllocationsRepository } from './allocations.repository.js';
import { EpochsRepository } from './epochs.repository.js';
import { IntakeRepository } from './intake.repository.js';
import { INVENTORY_SCRIPTS, inventoryScripts } from './inventory.scripts.js';
import { InventoryService } from './inventory.service.js';
import { InventoryAdminController } from './inventory-admin.controller.js';
import { InventoryEpoch } from './inventory-epoch.service.js';
import { LevelMirrorEvents } from './level-mirror.events.js';
import { LevelMirror } from './level-mirror.service.js';
import { LevelsRepository } from './levels.repository.js';
import { LocationsRepository } from './locations.repository.js';
import { Locations } from './locations.service.js';
import { ReconciliationJob } from './reconciliation.job.js';
import { Reconciliation } from './reconciliation.service.js';
import { StockAdministration } from './stock-administration.service.js';
import { StockGate } from './stock-gate.store.js';
import { StockInspection } from './stock-inspection.service.js';
import { StockIntakeService } from './stock-intake.service.js';

/** Levels, holds, allocations. Global, because it also stands behind the port that the catalogue reports stock through. */
@Global()
@Module({
  controllers: [InventoryAdminController],
  providers: [
    { provide: INVENTORY_SCRIPTS, useValue: inventoryScripts },
    { provide: StockIntake, useClass: StockIntakeService },
    AdjustmentsRepository,
    AllocationsRepository,
    EpochsRepository,
    IntakeRepository,
    InventoryEpoch,
    InventoryService,
    LevelMirror,
    LevelMirrorEvents,
    LevelsRepository,
    Locations,
    LocationsRepository,
    Reconciliation,
    ReconciliationJob,
    StockAdministration,
    StockGate,
    StockInspection,
  ],
  exports: [InventoryService, Reconciliation, StockAdministration, StockInspection, StockIntake],
})
export class InventoryModule {}

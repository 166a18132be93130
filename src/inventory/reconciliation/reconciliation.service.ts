// Walks through all levels and compares Redis with PostgreSQL, page by page: what is there, and what is held of it.
import { Inject, Injectable } from '@nestjs/common';
import { LOWEST_ID } from '../../platform/ids.js';
import { InventoryEpoch } from '../epoch/inventory-epoch.service.js';
import { LevelsRepository } from '../levels/levels.repository.js';
import { CompareHolds, type HoldTally } from './compare-holds.service.js';
import { CompareLevels, type LevelTally } from './compare-levels.service.js';

const PAGE = 200;

/** What one comparison of Redis with PostgreSQL found and repaired: levels, and the holds on them. */
export interface ReconciliationReport extends Readonly<LevelTally> {
  readonly holds: Readonly<HoldTally>;
}

/** Compares all stock in Redis with PostgreSQL and repairs what differs. */
@Injectable()
export class Reconciliation {
  private running: Promise<ReconciliationReport> | undefined;
  private stopping = false;

  constructor(
    @Inject(LevelsRepository) private readonly repository: LevelsRepository,
    @Inject(InventoryEpoch) private readonly epoch: InventoryEpoch,
    @Inject(CompareLevels) private readonly levels: CompareLevels,
    @Inject(CompareHolds) private readonly holds: CompareHolds,
  ) {}

  /** Calls at the same time share one run. @throws AppError `unavailable` when Redis cannot be reached */
  reconcile(): Promise<ReconciliationReport> {
    this.running ??= this.run().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  /** Ends a run after its present page. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.running?.catch(() => {});
  }

  private async run(): Promise<ReconciliationReport> {
    const tally: LevelTally = { checked: 0, notLoaded: 0, differing: 0, differences: [], epochRaised: false };
    const holds: HoldTally = { lines: 0, units: 0, differing: 0, differences: [] };
    let after = { variantId: LOWEST_ID, locationId: LOWEST_ID };
    await this.epoch.verify();
    while (!this.stopping) {
      const { levels } = await this.repository.page(after, PAGE);
      const last = levels.at(-1);
      if (!last) {
        await this.holds.finish(holds);
        break;
      }
      // Levels first: a hold that is given back must not set free what was sold.
      await this.levels.comparePage(levels, tally);
      await this.holds.comparePage(levels, holds);
      after = last;
    }
    return { ...tally, holds };
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { eq } from 'drizzle-orm';
import { Database, type Tx } from '../../platform/database/database.js';
import { DEFAULT_PARTITION } from '../../platform/keyspace.js';
import { inventoryEpochs } from '../levels/inventory.schema.js';

const mine = eq(inventoryEpochs.partition, DEFAULT_PARTITION);

@Injectable()
export class EpochsRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  async read(): Promise<number> {
    return onlyEpoch(await this.database.orm.select().from(inventoryEpochs).where(mine));
  }

  /** Keeps everyone else from changing the epoch until the transaction ends. */
  async lock(tx: Tx): Promise<number> {
    return onlyEpoch(await tx.select().from(inventoryEpochs).where(mine).for('update'));
  }

  async write(tx: Tx, epoch: number): Promise<void> {
    await tx.update(inventoryEpochs).set({ epoch }).where(mine);
  }

  /** @param work runs while the epoch is locked */
  whileLocked<T>(work: (tx: Tx, epoch: number) => Promise<T>): Promise<T> {
    return this.database.transaction(async (tx) => work(tx, await this.lock(tx)));
  }
}

function onlyEpoch([row]: { epoch: number }[]): number {
  if (!row) throw new Error('inventory_epochs has no row for the partition: the migrations were not applied.');
  return row.epoch;
}

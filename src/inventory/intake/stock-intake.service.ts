import { Inject, Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/database/database.js';
import { StockIntake, type StockIntakeRow } from '../../platform/stock-intake.js';
import { MAX_ON_HAND } from '../administration/adjustments.repository.js';
import { tellLevelChanges } from '../levels/level-changes.js';
import { IntakeRepository } from './intake.repository.js';

const MAX_ROWS = 60_000;

/** Inventory's end of the port through which the catalogue reports stock. */
@Injectable()
export class StockIntakeService extends StockIntake {
  constructor(@Inject(IntakeRepository) private readonly intake: IntakeRepository) {
    super();
  }

  override async receive(tx: Tx, rows: readonly StockIntakeRow[], reason: string): Promise<void> {
    requireBounds(rows);
    if (rows.length === 0) return;
    const changed = await this.intake.receive(tx, rows, reason);
    await tellLevelChanges(tx, changed);
  }
}

function requireBounds(rows: readonly StockIntakeRow[]): void {
  if (rows.length > MAX_ROWS) throw new RangeError(`At most ${MAX_ROWS} rows of stock at once, not ${rows.length}.`);
  if (new Set(rows.map((row) => row.variantId)).size < rows.length) {
    throw new RangeError('A variant comes twice among the rows of stock.');
  }
  for (const { onHand } of rows) {
    if (onHand !== undefined && !(Number.isInteger(onHand) && onHand >= 0 && onHand <= MAX_ON_HAND)) {
      throw new RangeError(`Stock is a whole number from 0 to ${MAX_ON_HAND}, not ${onHand}.`);
    }
  }
}

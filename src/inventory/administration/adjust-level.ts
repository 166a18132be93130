import { Inject, Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/database/database.js';
import { AppError, invalidField, notFound } from '../../platform/errors.js';
import type { Place } from '../holds/level-in-redis.js';
import { AdjustmentsRepository, MAX_ON_HAND, type StockChange } from './adjustments.repository.js';

export interface LevelChange {
  readonly change: StockChange;
  /** Why, for the ledger. */
  readonly reason: string;
  /** The version of the level that the change was decided on. */
  readonly expectedVersion?: number | undefined;
}

/** A level after a change by hand, in units. */
export interface AdjustedLevel extends Place {
  /** On hand before. */
  readonly before: number;
  readonly onHand: number;
  /** Units still owed to orders. */
  readonly backordered: number;
  readonly version: number;
}

type MovementByHand = 'receipt' | 'correction' | 'transfer';

const kindOf = (change: StockChange): MovementByHand =>
  'delta' in change && change.delta > 0 ? 'receipt' : 'correction';

const fieldOf = (change: StockChange) => ('delta' in change ? 'delta' : 'onHand');

/** Changes one level in a transaction. */
@Injectable()
export class AdjustLevel {
  constructor(@Inject(AdjustmentsRepository) private readonly adjustments: AdjustmentsRepository) {}

  /** Locks the levels that a transaction is going to change, in the order that all writers use. Call it once. */
  lock(tx: Tx, places: readonly Place[]): Promise<void> {
    return this.adjustments.lock(tx, places);
  }

  /**
   * More units are a receipt when given as a difference; everything else is a correction, unless they come from another
   * location.
   * @throws AppError `not_found`, `version_conflict`, or `validation_failed` when there would be less than nothing
   */
  async adjust(
    tx: Tx,
    place: Place,
    { change, reason, expectedVersion }: LevelChange,
    kind: MovementByHand = kindOf(change),
  ): Promise<{ level: AdjustedLevel; changed: boolean }> {
    const result = await this.adjustments.adjust(tx, { place, change, kind, reason, expectedVersion });
    switch (result.kind) {
      case 'adjusted': {
        const { before, onHand, backordered, version, changed } = result;
        return { level: { ...place, before, onHand, backordered, version }, changed };
      }
      case 'missing':
        throw notFound('A stock level of this variant');
      case 'other_version':
        throw otherVersion(result.version, expectedVersion);
      case 'out_of_bounds': {
        const isTaking = 'delta' in change && change.delta < 0;
        const text = isTaking
          ? `takes more than there is: only ${result.before} are there`
          : `would leave more than ${MAX_ON_HAND}; there are ${result.before}`;
        throw invalidField(kind === 'transfer' ? 'quantity' : fieldOf(change), 'out_of_bounds', text);
      }
    }
  }
}

/** Somebody else has changed the level since it was read. */
export function otherVersion(version: number, expectedVersion: number | undefined): AppError {
  return new AppError('version_conflict', {
    detail: `The level has version ${version}, not ${expectedVersion}. Read it again and decide anew.`,
    extra: { version },
  });
}

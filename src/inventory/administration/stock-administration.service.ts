import { Inject, Injectable } from '@nestjs/common';
import { invalidField } from '../../platform/errors.js';
import type { IdempotencyClaim } from '../../platform/idempotency/idempotency.repository.js';
import { type AdjustedLevel, AdjustLevel, type LevelChange } from './adjust-level.js';
import { type LevelReference, StockReferences, type VariantReference } from './stock-references.service.js';
import { StockWrites } from './stock-writes.service.js';

/** A person's change of a level, to a quantity or by a difference. */
export interface Adjustment extends LevelReference, LevelChange {}

/** Units that a person carries from one location to another. */
export interface Transfer {
  readonly variant: VariantReference;
  /** Locations, by id or code. */
  readonly from: string;
  readonly to: string;
  readonly quantity: number;
  /** Why, for the ledger. */
  readonly reason: string;
}

/** Stock changed by people. */
@Injectable()
export class StockAdministration {
  constructor(
    @Inject(StockReferences) private readonly references: StockReferences,
    @Inject(StockWrites) private readonly writes: StockWrites,
    @Inject(AdjustLevel) private readonly level: AdjustLevel,
  ) {}

  /**
   * What comes in serves the units that the level owes, and the rest is on hand. A location that had none of a known
   * variant gets a level.
   * @throws AppError `not_found`, `version_conflict`, or `validation_failed` when there would be less than nothing
   */
  async adjust(adjustment: Adjustment, claim?: IdempotencyClaim): Promise<AdjustedLevel> {
    const place = await this.references.placeOf(adjustment);
    return this.writes.run(claim, async (tx) => {
      await this.level.lock(tx, [place]);
      const { level, changed } = await this.level.adjust(tx, place, adjustment);
      return { answer: level, variantIds: changed ? [place.variantId] : [] };
    });
  }

  /**
   * Carries units from one location to another: two movements in one transaction. Units that arrive serve first what is owed
   * there.
   * @throws AppError `not_found`, or `validation_failed` when there are fewer
   */
  async transfer(
    { variant, quantity, reason, ...locations }: Transfer,
    claim?: IdempotencyClaim,
  ): Promise<{ from: AdjustedLevel; to: AdjustedLevel }> {
    const from = await this.references.placeOf({ variant, location: locations.from });
    const to = await this.references.placeOf({ variant, location: locations.to });
    if (from.locationId === to.locationId) throw invalidField('to', 'same_location', 'is the location it comes from');
    return this.writes.run(claim, async (tx) => {
      await this.level.lock(tx, [from, to]);
      const taken = await this.level.adjust(tx, from, { change: { delta: -quantity }, reason }, 'transfer');
      const given = await this.level.adjust(tx, to, { change: { delta: quantity }, reason }, 'transfer');
      return { answer: { from: taken.level, to: given.level }, variantIds: [from.variantId] };
    });
  }
}

import { Inject, Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/database/database.js';
import { AppError } from '../../platform/errors.js';
import type { IdempotencyClaim } from '../../platform/idempotency/idempotency.repository.js';
import type { Place } from '../holds/level-in-redis.js';
import { type AdjustedLevel, AdjustLevel } from './adjust-level.js';
import type { Adjustment } from './stock-administration.service.js';
import { StockReferences } from './stock-references.service.js';
import { StockWrites } from './stock-writes.service.js';

export const MAX_ADJUSTMENTS = 200;

/** What became of one adjustment of many. */
export type AdjustmentOutcome =
  | ({ readonly status: 'adjusted'; readonly changed: boolean } & AdjustedLevel)
  | { readonly status: 'refused'; readonly code: AppError['code']; readonly text: string };

type Refused = Extract<AdjustmentOutcome, { status: 'refused' }>;

interface Line {
  readonly adjustment: Adjustment;
  readonly place: Place | Refused;
}

/** Many adjustments in one transaction. */
@Injectable()
export class BulkAdjustment {
  constructor(
    @Inject(StockReferences) private readonly references: StockReferences,
    @Inject(StockWrites) private readonly writes: StockWrites,
    @Inject(AdjustLevel) private readonly level: AdjustLevel,
  ) {}

  /**
   * Each adjustment starts from what those before it left.
   * @param allOrNone one refused adjustment refuses all; otherwise the others are carried out
   * @throws AppError `validation_failed` naming each refused line, when all or none were wanted
   */
  async adjust(
    adjustments: readonly Adjustment[],
    allOrNone: boolean,
    claim?: IdempotencyClaim,
  ): Promise<{ results: readonly AdjustmentOutcome[] }> {
    const lines: Line[] = [];
    for (const adjustment of adjustments) {
      lines.push({ adjustment, place: await refusable(this.references.placeOf(adjustment)) });
    }
    return this.writes.run(claim, async (tx) => {
      const places = lines.flatMap(({ place }) => (isRefused(place) ? [] : place));
      await this.level.lock(tx, places);
      const results: AdjustmentOutcome[] = [];
      for (const line of lines) results.push(await this.outcomeOf(tx, line));
      if (allOrNone) requireAll(results);
      return { answer: { results }, variantIds: results.flatMap(changedVariant) };
    });
  }

  private async outcomeOf(tx: Tx, { adjustment, place }: Line): Promise<AdjustmentOutcome> {
    if (isRefused(place)) return place;
    const outcome = await refusable(this.level.adjust(tx, place, adjustment));
    return isRefused(outcome) ? outcome : { status: 'adjusted', changed: outcome.changed, ...outcome.level };
  }
}

const isRefused = (outcome: object): outcome is Refused => 'status' in outcome && outcome.status === 'refused';

const changedVariant = (outcome: AdjustmentOutcome) =>
  outcome.status === 'adjusted' && outcome.changed ? [outcome.variantId] : [];

/** An expected refusal as a value, so that the other lines go on. */
async function refusable<T extends object>(work: Promise<T>): Promise<T | Refused> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof AppError) return { status: 'refused', code: error.code, text: error.message };
    throw error;
  }
}

function requireAll(results: readonly AdjustmentOutcome[]): void {
  const errors = results.flatMap((result, i) =>
    isRefused(result) ? [{ field: `adjustments.${i}`, code: result.code, text: result.text }] : [],
  );
  if (errors.length === 0) return;
  const detail = `${errors.length} of ${results.length} adjustments are refused, so none was made.`;
  throw new AppError('validation_failed', { detail, errors });
}

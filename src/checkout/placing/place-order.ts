import { Inject, Injectable } from '@nestjs/common';
import { isDatabaseDown, isUniqueViolation } from '../../platform/database/database.js';
import { STATEMENT_LIMITS } from '../../platform/database/statement-limits.js';
import { MicroBatch } from '../../platform/micro-batch.js';
import type { Attempt } from '../payments/attempt.js';
import { PlaceBatch } from './place-batch.js';
import { AttemptLost, OrderRefused, type Placing } from './placing.js';

type Outcome = Placing | { readonly kind: 'failed'; readonly error: unknown };

/**
 * Places orders. Those that come while others are being written go into one transaction together, so that the buyers of
 * one variant wait for its level once, not one after another. A single order is a batch of one.
 */
@Injectable()
export class PlaceOrder {
  private readonly batches = new MicroBatch<Attempt, Outcome>(
    (attempts) => this.placeTogether(attempts),
    STATEMENT_LIMITS,
  );

  constructor(@Inject(PlaceBatch) private readonly placeBatch: PlaceBatch) {}

  /** Places the order of an authorized attempt, or says why it cannot be placed and has then written nothing. */
  async place(attempt: Attempt): Promise<Placing> {
    const outcome = await this.batches.add(attempt);
    if (outcome.kind === 'failed') throw outcome.error;
    return outcome;
  }

  private async placeTogether(attempts: readonly Attempt[]): Promise<readonly Outcome[]> {
    try {
      return await this.placeBatch.place(attempts);
    } catch (error) {
      if (attempts.length === 1 || isDatabaseDown(error)) return attempts.map(() => outcomeOf(error));
      return this.placeSingly(attempts);
    }
  }

  /** One of them spoiled the batch, and all of it was rolled back: alone, each gets what is its own. */
  private async placeSingly(attempts: readonly Attempt[]): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const attempt of attempts) outcomes.push(...(await this.placeTogether([attempt])));
    return outcomes;
  }
}

function outcomeOf(error: unknown): Outcome {
  if (error instanceof AttemptLost) return { kind: 'lost' };
  if (error instanceof OrderRefused) return { kind: 'refused', refusal: error.refusal };
  if (isUniqueViolation(error, 'orders_one_per_cart')) return { kind: 'refused', refusal: { kind: 'cart_ordered' } };
  return { kind: 'failed', error };
}

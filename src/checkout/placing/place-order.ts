import { Inject, Injectable } from '@nestjs/common';
import { isDatabaseDown, isUniqueViolation } from '../../platform/database/database.js';
import { STATEMENT_LIMITS } from '../../platform/database/statement-limits.js';
import { MicroBatch } from '../../platform/micro-batch.js';
import type { Attempt } from '../payments/attempt.js';
import { PlaceBatch } from './place-batch.js';
import { AttemptLost, OrderRefused, type Placing } from './placing.js';

/**
 * Places orders. Those that come while others are being written go into one transaction together, so that the buyers of
 * one variant wait for its level once, not one after another. A single order is a batch of one.
 */
@Injectable()
export class PlaceOrder {
  private readonly batches = new MicroBatch<Attempt, Placing>((attempts) => this.placeBatch.place(attempts), {
    ...STATEMENT_LIMITS,
    // The whole batch was rolled back.
    mayBeOfOne: (error) => !isDatabaseDown(error),
  });

  constructor(@Inject(PlaceBatch) private readonly placeBatch: PlaceBatch) {}

  /** Places the order of an authorized attempt, or says why it cannot be placed and has then written nothing. */
  async place(attempt: Attempt): Promise<Placing> {
    try {
      return await this.batches.add(attempt);
    } catch (error) {
      if (error instanceof AttemptLost) return { kind: 'lost' };
      if (error instanceof OrderRefused) return { kind: 'refused', refusal: error.refusal };
      if (isUniqueViolation(error, 'orders_one_per_cart')) {
        return { kind: 'refused', refusal: { kind: 'cart_ordered' } };
      }
      throw error;
    }
  }
}

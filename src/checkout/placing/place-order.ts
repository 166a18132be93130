// The one transaction that makes an order: prices and rules are read again, stock is allocated, the order, its events
// and the stored answer are written, and the attempt is moved on under its fence. All of it or nothing.
import { Inject, Injectable } from '@nestjs/common';
import { InventoryService } from '../../inventory/index.js';
import { Database, isUniqueViolation, type Tx } from '../../platform/database/database.js';
import type { StoredAnswer } from '../../platform/idempotency/idempotency.repository.js';
import type { Attempt } from '../payments/attempt.js';
import { AttemptsRepository } from '../payments/attempts.repository.js';
import type { CheckoutSession, Quote } from '../session/checkout-session.js';
import { Reprice } from './reprice.js';
import { WriteOrder } from './write-order.js';

/** A line that there is too little stock for. */
export interface ShortLine {
  readonly variantId: string;
  readonly requested: number;
  readonly available: number;
}

/** Why an order cannot be placed although its payment is authorized. */
export type Refusal =
  | { readonly kind: 'short'; readonly lines: readonly ShortLine[] }
  | { readonly kind: 'price_changed'; readonly quote: Quote }
  | { readonly kind: 'unavailable'; readonly variantIds: readonly string[] }
  | { readonly kind: 'discount_exhausted'; readonly codes: readonly string[] }
  /** The prices have changed so that the cart has no price any more. */
  | { readonly kind: 'unpriceable'; readonly text: string }
  | { readonly kind: 'cart_ordered' };

export type Placing =
  | { readonly kind: 'placed'; readonly answer: StoredAnswer; readonly session: CheckoutSession | undefined }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** Another worker has taken the attempt over. */
  | { readonly kind: 'lost' };

/** Carries an outcome out of the transaction, so that it is rolled back. */
class RollBack extends Error {
  constructor(readonly placing: Placing) {
    super(placing.kind);
  }
}

@Injectable()
export class PlaceOrder {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(AttemptsRepository) private readonly attempts: AttemptsRepository,
    @Inject(Reprice) private readonly reprice: Reprice,
    @Inject(InventoryService) private readonly inventory: InventoryService,
    @Inject(WriteOrder) private readonly writeOrder: WriteOrder,
  ) {}

  /** Places the order of an authorized attempt, or says why it cannot be placed and has then written nothing. */
  async place(attempt: Attempt): Promise<Placing> {
    try {
      return await this.database.transaction((tx) => this.inTransaction(tx, attempt));
    } catch (error) {
      if (error instanceof RollBack) return error.placing;
      if (isUniqueViolation(error, 'orders_one_per_cart'))
        return { kind: 'refused', refusal: { kind: 'cart_ordered' } };
      throw error;
    }
  }

  private async inTransaction(tx: Tx, attempt: Attempt): Promise<Placing> {
    const moved = await this.attempts.move(tx, attempt, ['authorized'], { state: 'placed' });
    if (!moved) throw new RollBack({ kind: 'lost' });
    const price = await this.reprice.inTransaction(tx, attempt.agreement);
    if (price.kind !== 'same') throw new RollBack({ kind: 'refused', refusal: price });
    const allocation = await this.inventory.allocate(tx, attempt.orderId, attempt.agreement.quote.lines);
    if (allocation.kind === 'short') throw new RollBack({ kind: 'refused', refusal: allocation });
    const written = await this.writeOrder.inTransaction(tx, attempt, price.quote);
    if (written.kind !== 'written') throw new RollBack({ kind: 'refused', refusal: written });
    return { kind: 'placed', answer: written.answer, session: written.session };
  }
}

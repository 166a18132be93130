// The one transaction that makes orders: prices and rules are read again, the attempts are moved on under their fences,
// the orders, their events and the stored answers are written, stock is allocated. All of it or nothing.
// Every such transaction takes its locks in one order: attempts, customers, discount codes, carts, levels; each kind sorted.
// Levels come last, because they are what many buyers want: nobody waits for more of another batch than its commit.
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../platform/database/database.js';
import type { Attempt } from '../payments/attempt.js';
import { AttemptsRepository } from '../payments/attempts.repository.js';
import type { AgreedOrder, PlacedOrder, Placing } from './placing.js';
import { Reprice } from './reprice.js';
import { TakeStock } from './take-stock.js';
import { WriteOrders } from './write-orders.js';

@Injectable()
export class PlaceBatch {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(AttemptsRepository) private readonly attempts: AttemptsRepository,
    @Inject(Reprice) private readonly reprice: Reprice,
    @Inject(TakeStock) private readonly takeStock: TakeStock,
    @Inject(WriteOrders) private readonly writeOrders: WriteOrders,
  ) {}

  /**
   * Places the orders of authorized attempts. One that was lost, or has another price now, does not keep the others.
   * @throws OrderRefused, or a violation of `orders_one_per_cart`, when any of them cannot be placed: nothing was written
   */
  place(attempts: readonly Attempt[]): Promise<Placing[]> {
    return this.database.transaction(async (tx) => {
      const repriced = await this.reprice.inTransaction(tx, attempts);
      const agreed = repriced.flatMap(({ attempt, price }) =>
        price.kind === 'same' ? [{ attempt, quote: price.quote }] : [],
      );
      const placed = await this.placeAgreed(tx, agreed);
      return repriced.map(({ attempt, price }) =>
        price.kind === 'same' ? (placed.get(attempt.id) ?? { kind: 'lost' }) : { kind: 'refused', refusal: price },
      );
    });
  }

  /** @returns the orders of those attempts that nobody else has taken over, by attempt */
  private async placeAgreed(tx: Tx, agreed: readonly AgreedOrder[]): Promise<Map<string, PlacedOrder>> {
    const moved = await this.attempts.moveToPlaced(
      tx,
      agreed.map(({ attempt }) => attempt),
    );
    const orders = agreed.filter(({ attempt }) => moved.has(attempt.id));
    if (orders.length === 0) return new Map();
    await this.takeStock.requireLimits(tx, orders);
    const placed = await this.writeOrders.inTransaction(tx, orders);
    await this.takeStock.inTransaction(tx, orders);
    return placed;
  }
}

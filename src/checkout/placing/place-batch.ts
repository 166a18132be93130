// The one transaction that makes orders: prices and rules are read again, the attempts are moved on under their fences,
// the orders, their events and the stored answers are written, stock is allocated. All of it or nothing.
// Every such transaction takes its locks in one order: attempts, customers, discount codes, carts, levels; each kind sorted.
// Levels come last, because many buyers want the same ones: a batch that waits for them waits only for the other's commit.
// Statements that do not need each other's answers are sent together, in this order: all that is read, then all that is
// written.
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../platform/database/database.js';
import { together } from '../../platform/database/together.js';
import type { Attempt } from '../payments/attempt.js';
import { AttemptsRepository } from '../payments/attempts.repository.js';
import { type AgreedOrder, AttemptLost, type PlacedOrder, type Placing } from './placing.js';
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
   * Places the orders of authorized attempts. One whose price has changed does not stop the others.
   * @throws OrderRefused, AttemptLost, or a violation of `orders_one_per_cart`, when any of them cannot be placed: nothing
   *   was written
   */
  place(attempts: readonly Attempt[]): Promise<Placing[]> {
    return this.database.transaction(async (tx) => {
      const [repriced, { numbers, placedAt }] = await together([
        this.reprice.inTransaction(tx, attempts),
        this.writeOrders.takeNumbers(tx, attempts.length),
      ]);
      const agreed = repriced.flatMap(({ attempt, price }, place): AgreedOrder[] => {
        const number = numbers[place];
        return price.kind === 'same' && number ? [{ attempt, quote: price.quote, number, placedAt }] : [];
      });
      const placed = await this.placeAgreed(tx, agreed);
      return repriced.map(({ attempt, price }) =>
        price.kind === 'same' ? (placed.get(attempt.id) ?? { kind: 'lost' }) : { kind: 'refused', refusal: price },
      );
    });
  }

  /** @returns the orders, by attempt */
  private async placeAgreed(tx: Tx, agreed: readonly AgreedOrder[]): Promise<Map<string, PlacedOrder>> {
    if (agreed.length === 0) return new Map();
    // The attempts first: if another worker has taken one over, that explains any later failure. `write` waits in between,
    // which only the last in the array may do.
    const [, placed] = await together([this.moveAttempts(tx, agreed), this.write(tx, agreed)]);
    return placed;
  }

  private async moveAttempts(tx: Tx, agreed: readonly AgreedOrder[]): Promise<void> {
    const moved = await this.attempts.moveToPlaced(
      tx,
      agreed.map(({ attempt }) => attempt),
    );
    if (moved.size < agreed.length) throw new AttemptLost('Another worker has taken over the attempt.');
  }

  private async write(tx: Tx, agreed: readonly AgreedOrder[]): Promise<Map<string, PlacedOrder>> {
    await this.takeStock.requireLimits(tx, agreed);
    await this.writeOrders.useDiscounts(tx, agreed);
    const [placed] = await together([
      this.writeOrders.inTransaction(tx, agreed),
      this.takeStock.inTransaction(tx, agreed),
    ]);
    return placed;
  }
}

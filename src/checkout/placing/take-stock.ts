import { Inject, Injectable } from '@nestjs/common';
import { InventoryService } from '../../inventory/index.js';
import type { Tx } from '../../platform/database/database.js';
import { PurchaseLimit } from '../orders/purchase-limit.js';
import { type AgreedOrder, OrderRefused } from './placing.js';

/** Takes the stock of orders, within the limits of their customers. */
@Injectable()
export class TakeStock {
  constructor(
    @Inject(InventoryService) private readonly inventory: InventoryService,
    @Inject(PurchaseLimit) private readonly purchaseLimit: PurchaseLimit,
  ) {}

  /**
   * Purchases are counted from stored orders: call it before these are written.
   * @throws OrderRefused when a customer would exceed the limit
   */
  async requireLimits(tx: Tx, orders: readonly AgreedOrder[]): Promise<void> {
    const purchases = orders.map(({ attempt, quote }) => ({
      customerId: attempt.agreement.customerId,
      lines: quote.lines,
    }));
    const over = await this.purchaseLimit.exceededInTransaction(tx, purchases);
    if (over.length > 0) throw new OrderRefused({ kind: 'quantity_limit', lines: over });
  }

  /** It sends before it waits (`together`). @throws OrderRefused when any of the orders cannot have all of its lines */
  async inTransaction(tx: Tx, orders: readonly AgreedOrder[]): Promise<void> {
    const demands = orders.map(({ attempt, quote }) => ({ orderId: attempt.orderId, lines: quote.lines }));
    const allocation = await this.inventory.allocate(tx, demands);
    if (allocation.kind === 'short') throw new OrderRefused(allocation);
  }
}

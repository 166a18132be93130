import { Inject, Injectable } from '@nestjs/common';
import { DiscountsService } from '../../../discounts/index.js';
import { InventoryService } from '../../../inventory/index.js';
import type { Tx } from '../../../platform/database/database.js';
import { AppError } from '../../../platform/errors.js';
import { appendToOutbox } from '../../../platform/outbox/outbox.js';
import { isCaptured } from '../../payments/attempt.js';
import { AttemptsRepository } from '../../payments/attempts.repository.js';
import type { CancelRequest } from './order-changes.dto.js';
import { OrderChangesRepository, type OrderFacts } from './order-changes.repository.js';
import { RefundOrder, type RequestedRefund } from './refund-order.js';

/** Cancels an order of which nothing was shipped: gives back its stock, its discount codes, its money. */
@Injectable()
export class CancelOrder {
  constructor(
    @Inject(OrderChangesRepository) private readonly changes: OrderChangesRepository,
    @Inject(AttemptsRepository) private readonly attempts: AttemptsRepository,
    @Inject(RefundOrder) private readonly refundOrder: RefundOrder,
    @Inject(InventoryService) private readonly inventory: InventoryService,
    @Inject(DiscountsService) private readonly discounts: DiscountsService,
  ) {}

  /** @returns the refund to carry out after the commit, if any. @throws AppError `order_shipped` */
  async inTransaction(tx: Tx, facts: OrderFacts, request: CancelRequest): Promise<RequestedRefund | undefined> {
    const { order, fulfillments } = facts;
    if (order.state === 'cancelled') return undefined;
    if (fulfillments.length > 0) {
      const instead = isCaptured(facts.attempt)
        ? 'Refund what comes back instead.'
        : `What comes back can be refunded once it is paid. ${this.refundOrder.whyUnpaid(facts).detail}`;
      throw new AppError('order_shipped', {
        detail: `Something of it was shipped, so it cannot be cancelled. ${instead}`,
      });
    }
    await this.changes.markCancelled(tx, order.id, request.reason);
    await this.discounts.releaseUsage(tx, order.id);
    await appendToOutbox(tx, [{ event: 'order.cancelled', payload: { orderId: order.id } }]);
    const refund = await this.giveMoneyBack(tx, facts, request);
    // Levels are locked last, as when an order is placed.
    if (request.restock) await this.inventory.restock(tx, order.id);
    return refund;
  }

  /** The outbox voids what is only authorized, and refunds it if a capture is under way meanwhile. */
  private async giveMoneyBack(tx: Tx, facts: OrderFacts, request: CancelRequest): Promise<RequestedRefund | undefined> {
    const { attempt } = facts;
    if (isCaptured(attempt)) return this.refundOrder.allInTransaction(tx, facts, request);
    if (await this.attempts.move(tx, attempt, ['placed', 'review'], { state: 'voiding' })) {
      const payload = { attemptId: attempt.id, checkoutId: attempt.checkoutId };
      await appendToOutbox(tx, [{ event: 'payment.ended', payload }]);
    }
    return undefined;
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { InventoryService } from '../../../inventory/index.js';
import type { Tx } from '../../../platform/database/database.js';
import { AppError, invalidField } from '../../../platform/errors.js';
import { newId } from '../../../platform/ids.js';
import { appendToOutbox } from '../../../platform/outbox/outbox.js';
import { PaymentProviders } from '../../payments/payment-providers.js';
import { countsAsGiven, moneyLeftMinor } from '../../payments/refunds/money-left.js';
import { PaymentRefunds } from '../../payments/refunds/payment-refunds.js';
import { linesNamed } from './lines-named.js';
import type { CancelRequest, RefundRequest } from './order-changes.dto.js';
import { OrderChangesRepository, type OrderFacts } from './order-changes.repository.js';
import { linesLeft, shippingLeftMinor } from './order-lines-left.js';
import { type RefundedLine, refundOf } from './refund-amounts.js';
import { type WhyUnpaid, whyUnpaid } from './unpaid-order.js';

/** The refund that a change of an order asks for; the provider is asked after the commit. */
export interface RequestedRefund {
  readonly attemptId: string;
  readonly refundKey: string;
}

/** Gives money of an order back, in whole or in part. All of it is written before the provider is asked. */
@Injectable()
export class RefundOrder {
  constructor(
    @Inject(OrderChangesRepository) private readonly changes: OrderChangesRepository,
    @Inject(PaymentRefunds) private readonly refunds: PaymentRefunds,
    @Inject(InventoryService) private readonly inventory: InventoryService,
    @Inject(PaymentProviders) private readonly providers: PaymentProviders,
  ) {}

  /** Why an order whose money was not taken cannot be refunded, and what to do. */
  whyUnpaid(facts: OrderFacts): WhyUnpaid {
    return whyUnpaid(facts, this.providers.isByHand(facts.attempt.provider));
  }

  /** @throws AppError `order_unpaid`, `exceeds_order`, `validation_failed` */
  async inTransaction(tx: Tx, facts: OrderFacts, request: RefundRequest): Promise<RequestedRefund> {
    const { order } = facts;
    if (request.amount && request.amount.currency !== order.currency) {
      throw invalidField('amount.currency', 'other_currency', `must be ${order.currency}, as the order is`);
    }
    const lines = linesNamed(request.lines ?? [], linesLeft(facts), (line) => line.quantity - line.refunded);
    const refunded = lines.map(({ line, quantity }) => refundOf(line, quantity));
    const restocked = request.restock && refunded.length > 0;
    const requested = await this.write(tx, facts, {
      lines: refunded,
      shippingMinor: request.shipping ? shippingLeftMinor(facts) : 0,
      extraMinor: request.amount?.amount ?? 0,
      reason: request.reason,
      restocked,
    });
    if (restocked) await this.inventory.restock(tx, order.id, unitsBack(facts, refunded));
    return requested;
  }

  /**
   * Refunds all that was paid and not given back, of an order that is being cancelled; the caller deals with its units.
   * @returns undefined when there is nothing left
   */
  async allInTransaction(
    tx: Tx,
    facts: OrderFacts,
    { reason, restock }: CancelRequest,
  ): Promise<RequestedRefund | undefined> {
    const leftMinor = moneyLeftMinor(facts.order.totalMinor, facts);
    if (leftMinor <= 0) return undefined;
    const lines = linesLeft(facts)
      .filter((line) => line.refunded < line.quantity)
      .map((line) => refundOf(line, line.quantity - line.refunded));
    const lineMinor = lines.reduce((sum, line) => sum + line.amountMinor, 0);
    const shippingMinor = Math.max(0, Math.min(shippingLeftMinor(facts), leftMinor - lineMinor));
    // What earlier refunds gave beside the lines is not given twice: the last refund is what is left.
    const extraMinor = Math.max(0, leftMinor - lineMinor - shippingMinor);
    return this.write(tx, facts, {
      lines,
      shippingMinor,
      extraMinor,
      reason,
      restocked: restock,
      amountMinor: leftMinor,
    });
  }

  private async write(
    tx: Tx,
    facts: OrderFacts,
    parts: {
      readonly lines: readonly RefundedLine[];
      readonly shippingMinor: number;
      readonly extraMinor: number;
      readonly reason: string | undefined;
      readonly restocked: boolean;
      readonly amountMinor?: number;
    },
  ): Promise<RequestedRefund> {
    const { order, attempt } = facts;
    const lineMinor = parts.lines.reduce((sum, line) => sum + line.amountMinor, 0);
    const { amountMinor = lineMinor + parts.shippingMinor + parts.extraMinor, reason, ...row } = parts;
    const id = newId();
    await this.request(tx, facts, id, amountMinor);
    await this.changes.insertRefund(tx, {
      ...row,
      id,
      orderId: order.id,
      attemptId: attempt.id,
      amountMinor,
      reason: reason ?? null,
    });
    await appendToOutbox(tx, [{ event: 'order.refunded', payload: { orderId: order.id, refundId: id } }]);
    return { attemptId: attempt.id, refundKey: id };
  }

  private async request(tx: Tx, facts: OrderFacts, refundKey: string, amountMinor: number): Promise<void> {
    if (amountMinor <= 0) {
      throw new AppError('exceeds_order', { detail: 'There is no money left in what was named. Nothing was changed.' });
    }
    const requested = await this.refunds.request(tx, facts.attempt.id, refundKey, amountMinor);
    switch (requested.kind) {
      case 'requested':
        return;
      case 'not_captured':
        throw new AppError('order_unpaid', this.whyUnpaid(facts));
      case 'exceeds':
        throw new AppError('exceeds_order', {
          detail: 'That is more money than is left of the payment. Nothing was changed. Read the order again.',
          extra: { leftMinor: requested.leftMinor },
        });
      case 'reused':
        throw new Error(`the new refund ${refundKey} is there already`);
    }
  }
}

/**
 * How many units of each variant have come back in total, with those of this refund. Units of a refused refund are back
 * already: they do not come back again when their money is asked for again.
 */
function unitsBack({ lines, refunds }: OrderFacts, refunded: readonly RefundedLine[]) {
  const earlier = refunds.filter((one) => one.restocked && countsAsGiven(one)).flatMap((one) => one.lines);
  return lines
    .map(({ position, variantId }) => {
      const mine = [...earlier, ...refunded].filter((line) => line.position === position);
      return { variantId, quantity: mine.reduce((sum, line) => sum + line.quantity, 0) };
    })
    .filter(({ quantity }) => quantity > 0);
}

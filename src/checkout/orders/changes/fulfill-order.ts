import { Inject, Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database/database.js';
import { AppError } from '../../../platform/errors.js';
import { newId } from '../../../platform/ids.js';
import { appendToOutbox } from '../../../platform/outbox/outbox.js';
import { linesNamed } from './lines-named.js';
import type { FulfillmentRequest } from './order-changes.dto.js';
import { OrderChangesRepository, type OrderFacts } from './order-changes.repository.js';
import { linesLeft } from './order-lines-left.js';

/** Notes that lines of an order were shipped, and how to track them. */
@Injectable()
export class FulfillOrder {
  constructor(@Inject(OrderChangesRepository) private readonly changes: OrderChangesRepository) {}

  /** @throws AppError `order_cancelled`, `exceeds_order`, `validation_failed` */
  async inTransaction(tx: Tx, facts: OrderFacts, request: FulfillmentRequest): Promise<undefined> {
    const { order } = facts;
    if (order.state === 'cancelled') {
      throw new AppError('order_cancelled', { detail: 'A cancelled order is not shipped.' });
    }
    const left = linesLeft(facts);
    const named = request.lines
      ? linesNamed(request.lines, left, (line) => line.unshipped)
      : left.filter((line) => line.unshipped > 0).map((line) => ({ line, quantity: line.unshipped }));
    if (named.length === 0) {
      throw new AppError('exceeds_order', { detail: 'Everything of the order was shipped or given back before.' });
    }
    const id = newId();
    await this.changes.insertFulfillment(tx, {
      id,
      orderId: order.id,
      lines: named.map(({ line, quantity }) => ({ position: line.position, quantity })),
      carrier: request.carrier ?? null,
      trackingNumber: request.trackingNumber ?? null,
      trackingUrl: request.trackingUrl ?? null,
    });
    await appendToOutbox(tx, [{ event: 'order.fulfilled', payload: { orderId: order.id, fulfillmentId: id } }]);
  }
}

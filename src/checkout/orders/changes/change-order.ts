// Every change of a placed order: under its locks, once per idempotency key, its answer in the same transaction.
import { Inject, Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database/database.js';
import { notFound } from '../../../platform/errors.js';
import type { IdempotencyClaim, StoredAnswer } from '../../../platform/idempotency/idempotency.repository.js';
import { OnceInTransaction } from '../../../platform/idempotency/once-in-transaction.js';
import { OutboxRelay } from '../../../platform/outbox/outbox-relay.js';
import { PaymentRefunds } from '../../payments/refunds/payment-refunds.js';
import { OrderChangesRepository, type OrderFacts } from './order-changes.repository.js';
import { toOrderDetail } from './order-detail.js';
import type { RequestedRefund } from './refund-order.js';

/** Changes the order in the transaction; the refund it returns is carried out after the commit. */
export type OrderChange = (tx: Tx, facts: OrderFacts) => Promise<RequestedRefund | undefined>;

@Injectable()
export class ChangeOrder {
  constructor(
    @Inject(OnceInTransaction) private readonly once: OnceInTransaction,
    @Inject(OrderChangesRepository) private readonly changes: OrderChangesRepository,
    @Inject(PaymentRefunds) private readonly refunds: PaymentRefunds,
    @Inject(OutboxRelay) private readonly relay: OutboxRelay,
  ) {}

  /** @returns the order as it is after the change, with `status`. @throws AppError `not_found`, and what `change` throws */
  async change(
    orderId: string,
    claim: IdempotencyClaim | undefined,
    status: number,
    change: OrderChange,
  ): Promise<StoredAnswer> {
    let refund: RequestedRefund | undefined;
    const answer = await this.once.run(claim, async (tx) => {
      const facts = await this.changes.lock(tx, orderId);
      if (!facts) throw notFound('This order');
      refund = await change(tx, facts);
      const changed = await this.changes.find(orderId, tx);
      if (!changed) throw new Error(`The order ${orderId} is gone.`);
      return { status, body: toOrderDetail(changed) };
    });
    this.relay.nudge();
    // Not waited for: the answer is the same whether the provider is quick or not. It never throws.
    if (refund) void this.refunds.carryOut(refund);
    return answer;
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { notFound } from '../../../platform/errors.js';
import { instant } from '../../../platform/http/instant.js';
import { decodeCursor, type Page, toPage } from '../../../platform/http/page.js';
import { resolutionsOf } from '../attempt-states.js';
import { PaymentProviders } from '../payment-providers.js';
import type { PaymentAnswer, PaymentListQuery } from './payment.dto.js';
import { type PaymentRow, PaymentsRepository } from './payments.repository.js';

const position = z.tuple([instant, z.uuid()]);

/** Payments for administrators, with what can be done about them. */
@Injectable()
export class ReadPayments {
  constructor(
    @Inject(PaymentsRepository) private readonly payments: PaymentsRepository,
    @Inject(PaymentProviders) private readonly providers: PaymentProviders,
  ) {}

  /** @throws AppError `not_found` */
  async read(id: string): Promise<PaymentAnswer> {
    return (await this.readWithOrder(id)).answer;
  }

  /** @throws AppError `not_found` */
  async readWithOrder(id: string): Promise<{ answer: PaymentAnswer; isOrderCancelled: boolean }> {
    const row = await this.payments.find(id);
    if (!row) throw notFound('This payment');
    return { answer: this.toAnswer(row), isOrderCancelled: row.orderState === 'cancelled' };
  }

  async page({ state, limit, cursor }: PaymentListQuery): Promise<Page<PaymentAnswer>> {
    const after = cursor === undefined ? undefined : decodeCursor(cursor, position);
    const rows = await this.payments.list(state, limit + 1, after);
    return toPage(
      rows,
      limit,
      (row) => this.toAnswer(row),
      (row) => [row.position, row.attempt.id],
    );
  }

  private toAnswer({ attempt, orderState }: PaymentRow): PaymentAnswer {
    return {
      id: attempt.id,
      state: attempt.state,
      provider: attempt.provider,
      providerReference: attempt.providerReference,
      amount: { amount: attempt.amountMinor, currency: attempt.currency },
      checkoutId: attempt.checkoutId,
      orderId: orderState === null ? null : attempt.orderId,
      reason: attempt.state === 'review' ? (attempt.review?.reason ?? null) : null,
      resolutions: [
        ...resolutionsOf({
          state: attempt.state,
          reviewOf: attempt.review?.of,
          isByHand: this.providers.isByHand(attempt.provider),
          isOrderCancelled: orderState === 'cancelled',
        }),
      ],
      createdAt: attempt.createdAt.toISOString(),
      updatedAt: attempt.updatedAt.toISOString(),
    };
  }
}

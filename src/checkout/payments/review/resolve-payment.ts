import { Inject, Injectable } from '@nestjs/common';
import { isDatabaseDown } from '../../../platform/database/database.js';
import { AppError, unavailable } from '../../../platform/errors.js';
import { CapturePayment } from '../../placing/capture-payment.js';
import { NoteCaptured } from '../../placing/note-captured.js';
import { VoidPayment } from '../../placing/void-payment.js';
import type { Attempt } from '../attempt.js';
import type { Resolution } from '../attempt-states.js';
import { AttemptsRepository } from '../attempts.repository.js';
import type { PaymentAnswer } from './payment.dto.js';
import { ReadPayments } from './read-payments.js';

/** Carries out a person's decision about a payment. It ends in a state that the shop itself could have reached. */
@Injectable()
export class ResolvePayment {
  constructor(
    @Inject(AttemptsRepository) private readonly attempts: AttemptsRepository,
    @Inject(ReadPayments) private readonly readPayments: ReadPayments,
    @Inject(CapturePayment) private readonly capturePayment: CapturePayment,
    @Inject(VoidPayment) private readonly voidPayment: VoidPayment,
    @Inject(NoteCaptured) private readonly noteCaptured: NoteCaptured,
  ) {}

  /**
   * Resolves a payment and answers with its new state: a retry may bring it back to review, with the new reason.
   * @throws AppError `not_found`, `payment_not_resolvable` naming what can be done instead, `unavailable` when the provider
   *   gives no outcome: recovery then gives back what was to be given back, anything else is unchanged
   */
  async resolve(id: string, resolution: Resolution): Promise<PaymentAnswer> {
    const { answer, isOrderCancelled } = await this.readPayments.readWithOrder(id);
    const { state } = answer;
    if (!answer.resolutions.includes(resolution)) {
      const detail = `The payment is ${state}. ${insteadOf(answer, isOrderCancelled)}`;
      throw new AppError('payment_not_resolvable', { detail, extra: { state } });
    }
    const attempt = await this.attempts.get(id);
    try {
      await this.carryOut(attempt, resolution);
    } catch (error) {
      throw isDatabaseDown(error) ? error : unavailable(`The payment provider ${attempt.provider}`, 10, error);
    }
    return this.readPayments.read(id);
  }

  /** Notes that the money of an order has come, for a payment that is captured by hand. @throws AppError as `resolve` */
  async markOrderPaid(orderId: string): Promise<PaymentAnswer> {
    const attempt = await this.attempts.findOfOrder(orderId);
    if (!attempt) throw new AppError('not_found', { detail: 'This order was not found.' });
    return this.resolve(attempt.id, 'mark-paid');
  }

  private async carryOut(attempt: Attempt, resolution: Resolution): Promise<void> {
    switch (resolution) {
      case 'mark-paid':
        await this.noteCaptured.note(attempt);
        return;
      case 'mark-voided':
        await this.attempts.move(undefined, attempt, ['review'], { state: 'voided' });
        return;
      case 'void':
        return this.giveBack(attempt);
      case 'acknowledge':
        await this.attempts.move(undefined, attempt, ['review'], { state: 'captured' });
        return;
      case 'retry':
        if (attempt.review?.of === 'voiding') await this.giveBack(attempt);
        else await this.capturePayment.captureNow(attempt);
    }
  }

  private giveBack(attempt: Attempt): Promise<void> {
    return this.voidPayment.begin(attempt, ['review', 'placed']);
  }
}

function insteadOf({ resolutions }: PaymentAnswer, isOrderCancelled: boolean): string {
  if (resolutions.length > 0) return `What can be done: ${resolutions.join(', ')}.`;
  return isOrderCancelled
    ? 'Its order was cancelled, and what was paid for it is given back.'
    : 'Nothing has to be done.';
}

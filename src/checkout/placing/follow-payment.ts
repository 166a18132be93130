import { Inject, Injectable } from '@nestjs/common';
import { type Attempt, isCaptured } from '../payments/attempt.js';
import { NoteSinceCapture } from '../payments/captured/note-since-capture.js';
import { PaymentProviders } from '../payments/payment-providers.js';
import { CapturePayment } from './capture-payment.js';
import { SettleAttempt } from './settle-attempt.js';
import { VoidPayment } from './void-payment.js';

/** Brings an attempt up to date with its payment, when the provider says that something has happened there. */
@Injectable()
export class FollowPayment {
  constructor(
    @Inject(PaymentProviders) private readonly providers: PaymentProviders,
    @Inject(SettleAttempt) private readonly settleAttempt: SettleAttempt,
    @Inject(CapturePayment) private readonly capturePayment: CapturePayment,
    @Inject(VoidPayment) private readonly voidPayment: VoidPayment,
    @Inject(NoteSinceCapture) private readonly noteSinceCapture: NoteSinceCapture,
  ) {}

  /** @throws Error when the provider gives no outcome, or a store is away: to be tried again */
  async follow(attempt: Attempt): Promise<void> {
    const provider = this.providers.get(attempt.provider);
    if (isCaptured(attempt)) return this.followCaptured(attempt);
    const status = await provider.fetch(attempt.id, this.providers.deadline());
    switch (attempt.state) {
      case 'paying':
      case 'authorized':
        // Nothing is decided yet: whoever is paying goes on, or recovery does.
        if (status.kind === 'none' || status.kind === 'requires_action') return;
        await this.settleAttempt.settle(attempt, status);
        return;
      case 'placed':
        // An authorization is captured by the event of the order, not here.
        if (status.kind !== 'authorized') await this.capturePayment.capture(attempt.id);
        // The webhook may come only once, and be about what followed a capture whose answer was lost.
        if (status.kind === 'captured') await this.followCaptured(attempt);
        return;
      case 'declined':
      case 'voided':
        if (
          status.kind === 'authorized' ||
          (status.kind === 'captured' && status.refundedMinor < attempt.amountMinor)
        ) {
          await this.voidPayment.begin(attempt, ['declined', 'voided']);
        }
        return;
      case 'voiding':
        return this.voidPayment.void(attempt);
      case 'captured':
      case 'review':
        return;
    }
  }

  private async followCaptured(attempt: Attempt): Promise<void> {
    const since = await this.providers.get(attempt.provider).sinceCapture?.(attempt.id, this.providers.deadline());
    if (since) await this.noteSinceCapture.note(attempt, since);
  }
}

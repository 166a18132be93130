import { Inject, Injectable } from '@nestjs/common';
import type { Attempt } from '../payments/attempt.js';
import { AttemptsRepository } from '../payments/attempts.repository.js';
import { PaymentProviders } from '../payments/payment-providers.js';

/** Gives an authorization back and notes that it is done. Repeating it changes nothing. */
@Injectable()
export class VoidPayment {
  constructor(
    @Inject(AttemptsRepository) private readonly attempts: AttemptsRepository,
    @Inject(PaymentProviders) private readonly providers: PaymentProviders,
  ) {}

  /** @throws Error when the provider did not confirm: the caller tries again. */
  async void(attempt: Attempt): Promise<void> {
    const status = await this.providers.get(attempt.provider).void(attempt.id, this.providers.deadline());
    const state = status.kind === 'voided' || status.kind === 'declined' ? 'voided' : 'review';
    await this.attempts.move(undefined, attempt, ['voiding'], { state });
  }
}

// Every attempt ends here, whoever brings it: the request that started it or recovery after a crash. PostgreSQL tells
// where the attempt stands, the provider what became of the money; the fence lets only one worker write.
import { Inject, Injectable } from '@nestjs/common';
import { AppError } from '../../platform/errors.js';
import type { StoredAnswer } from '../../platform/idempotency/idempotency.repository.js';
import { OutboxRelay } from '../../platform/outbox/outbox-relay.js';
import type { Attempt } from '../payments/attempt.js';
import { AttemptsRepository } from '../payments/attempts.repository.js';
import type { PaymentStatus } from '../payments/payment-provider.js';
import { EndAttempt, type EndedBy } from './end-attempt.js';
import { PlaceOrder } from './place-order.js';
import { endedByRefusal } from './refusal.js';
import { SyncSession } from './sync-session.js';

export type Settlement =
  | { readonly kind: 'answered'; readonly answer: StoredAnswer }
  /** Another worker has taken the attempt over and will answer. */
  | { readonly kind: 'lost' };

@Injectable()
export class SettleAttempt {
  constructor(
    @Inject(AttemptsRepository) private readonly attempts: AttemptsRepository,
    @Inject(PlaceOrder) private readonly placeOrder: PlaceOrder,
    @Inject(EndAttempt) private readonly endAttempt: EndAttempt,
    @Inject(SyncSession) private readonly syncSession: SyncSession,
    @Inject(OutboxRelay) private readonly relay: OutboxRelay,
  ) {}

  /** Brings an attempt in state `paying` or `authorized` to its end, given what the provider knows of the payment. */
  async settle(attempt: Attempt, status: PaymentStatus): Promise<Settlement> {
    switch (status.kind) {
      case 'authorized':
      case 'captured':
        return this.place(attempt, status.reference);
      case 'declined':
        return this.end(attempt, {
          state: 'declined',
          error: new AppError('payment_declined', { detail: `${status.reason} Try another payment method.` }),
          ending: { checkout: 'reserved' },
        });
      case 'voided':
      case 'none':
        return this.end(attempt, {
          state: 'voided',
          error: new AppError('payment_provider_unavailable', {
            detail: 'The payment provider failed. Nothing was charged. Complete again with a new Idempotency-Key.',
          }),
          ending: { checkout: 'reserved' },
        });
    }
  }

  private async place(attempt: Attempt, providerReference: string): Promise<Settlement> {
    const authorized = { state: 'authorized', providerReference } as const;
    if (!(await this.attempts.move(undefined, attempt, ['paying', 'authorized'], authorized))) return { kind: 'lost' };
    const placing = await this.placeOrder.place({ ...attempt, state: 'authorized' });
    if (placing.kind === 'lost') return placing;
    if (placing.kind === 'refused') return this.end(attempt, endedByRefusal(placing.refusal, attempt));
    this.relay.nudge();
    await this.syncSession.placed(attempt);
    return { kind: 'answered', answer: placing.answer };
  }

  private async end(attempt: Attempt, endedBy: EndedBy): Promise<Settlement> {
    const answer = await this.endAttempt.end(attempt, endedBy);
    if (!answer) return { kind: 'lost' };
    this.relay.nudge();
    await this.syncSession.ended(attempt, endedBy.ending);
    return { kind: 'answered', answer };
  }
}

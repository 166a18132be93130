import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { OutboxRelay } from '../../platform/outbox/outbox-relay.js';
import { AttemptsRepository } from '../payments/attempts.repository.js';
import { SyncSession } from './sync-session.js';
import { VoidPayment } from './void-payment.js';

/** What follows from a payment without an order. The subscriber may be called again and ends in the same state. */
@Injectable()
export class PaymentEndedEvents implements OnModuleInit {
  constructor(
    @Inject(OutboxRelay) private readonly relay: OutboxRelay,
    @Inject(AttemptsRepository) private readonly attempts: AttemptsRepository,
    @Inject(VoidPayment) private readonly voidPayment: VoidPayment,
    @Inject(SyncSession) private readonly syncSession: SyncSession,
  ) {}

  onModuleInit(): void {
    this.relay.on('payment.ended', 'void and give the checkout back', async ({ attemptId }) => {
      const attempt = await this.attempts.get(attemptId);
      if (attempt.state === 'voiding') await this.voidPayment.void(attempt);
      if (attempt.ending) await this.syncSession.endedAgain(attempt, attempt.ending);
    });
  }
}

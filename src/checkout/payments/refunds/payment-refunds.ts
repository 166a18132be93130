// Giving captured money back. The refund is written down before the provider is asked, and is asked for again with the same
// key until the provider reports the outcome: after a crash or a time-out it is made once, neither twice nor never.
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import type { Tx } from '../../../platform/database/database.js';
import { LOGGER } from '../../../platform/logging.js';
import { AttemptsRepository } from '../attempts.repository.js';
import { DisputesRepository } from '../captured/disputes.repository.js';
import type { RefundStatus } from '../payment-provider.js';
import { PaymentProviders } from '../payment-providers.js';
import { moneyLeftMinor } from './money-left.js';
import { type RefundId, RefundsRepository } from './refunds.repository.js';

/** What became of asking for a refund. */
export type RefundRequestResult =
  /** It is written down, by this call or an earlier one. */
  | { readonly kind: 'requested' }
  /** Only captured money can be given back. */
  | { readonly kind: 'not_captured' }
  | { readonly kind: 'exceeds'; readonly leftMinor: number }
  /** The key was used for another amount. */
  | { readonly kind: 'reused' };

export type RefundResult =
  | RefundStatus
  /** The provider has not told yet; it is asked again until it does. */
  | { readonly kind: 'pending' };

@Injectable()
export class PaymentRefunds {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(RefundsRepository) private readonly refunds: RefundsRepository,
    @Inject(DisputesRepository) private readonly disputes: DisputesRepository,
    @Inject(AttemptsRepository) private readonly attempts: AttemptsRepository,
    @Inject(PaymentProviders) private readonly providers: PaymentProviders,
  ) {}

  /**
   * Writes down, in the caller's transaction, that `amountMinor` of an attempt's captured money is to be given back; the same
   * key (at most 200 characters) writes it down once. `carryOut` it after the commit, or the job `retry-refunds` will.
   */
  async request(tx: Tx, attemptId: string, refundKey: string, amountMinor: number): Promise<RefundRequestResult> {
    const attempt = await this.refunds.lockAttempt(tx, attemptId);
    // Sent after the lock: these statements see what was written while it was waited for.
    const refunds = await this.refunds.ofAttempt(tx, attemptId);
    const disputes = await this.disputes.ofAttempt(tx, attemptId);
    const same = refunds.find((refund) => refund.refundKey === refundKey);
    if (same) return { kind: same.amountMinor === amountMinor ? 'requested' : 'reused' };
    if (!attempt?.isCaptured) return { kind: 'not_captured' };
    const leftMinor = moneyLeftMinor(attempt.amountMinor, { refunds, disputes });
    if (amountMinor > leftMinor) return { kind: 'exceeds', leftMinor };
    await this.refunds.insert(tx, { attemptId, refundKey, amountMinor });
    return { kind: 'requested' };
  }

  /** Asks the provider for a refund that is written down, unless it has ended already. It never throws. */
  async carryOut(id: RefundId): Promise<RefundResult> {
    try {
      const refund = await this.refunds.find(id);
      if (!refund) throw new Error(`There is no refund ${id.refundKey} of the attempt ${id.attemptId}.`);
      if (refund.state === 'refunded') return { kind: 'refunded' };
      if (refund.state === 'refused') return { kind: 'refused', reason: refund.reason ?? '' };
      const { provider, id: key } = await this.attempts.get(id.attemptId);
      const { refundKey, amountMinor } = refund;
      const asked = { key, refundKey, amountMinor };
      const status = await this.providers.get(provider).refund(asked, this.providers.deadline());
      await this.refunds.conclude(id, { state: status.kind, reason: status.kind === 'refused' ? status.reason : null });
      return status;
    } catch (error) {
      this.logger.warn({ err: error, ...id }, 'a refund has no outcome yet; it is tried again');
      return { kind: 'pending' };
    }
  }
}

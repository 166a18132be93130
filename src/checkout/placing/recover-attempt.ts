import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { isDatabaseDown } from '../../platform/database/database.js';
import { AppError } from '../../platform/errors.js';
import { LOGGER } from '../../platform/logging.js';
import type { Attempt } from '../payments/attempt.js';
import { PayAttempt } from './pay-attempt.js';
import { SettleAttempt } from './settle-attempt.js';
import { VoidPayment } from './void-payment.js';

/** After so many take-overs an authorized payment whose order could not be placed is given back. */
const GIVE_UP_AFTER = 10;

/** Ends one attempt that was taken over: its payment is given back, or asked for and settled. */
@Injectable()
export class RecoverAttempt {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(PayAttempt) private readonly payAttempt: PayAttempt,
    @Inject(SettleAttempt) private readonly settleAttempt: SettleAttempt,
    @Inject(VoidPayment) private readonly voidPayment: VoidPayment,
  ) {}

  /** An attempt that cannot be ended now is logged and taken over again later. */
  async recover(attempt: Attempt): Promise<void> {
    try {
      if (attempt.state === 'voiding') await this.voidPayment.void(attempt);
      else await this.payAttempt.ask(attempt);
    } catch (error) {
      this.logger.warn({ err: error, attemptId: attempt.id }, 'an attempt could not be recovered; trying again later');
      if (isHopeless(attempt, error)) await this.settleAttempt.giveUp(attempt);
    }
  }
}

/** A silent provider, a database that is away or overload is no reason to give up: those pass. */
function isHopeless(attempt: Attempt, error: unknown): boolean {
  const passes = isDatabaseDown(error) || (error instanceof AppError && error.code === 'unavailable');
  return attempt.state === 'authorized' && attempt.fence > GIVE_UP_AFTER && !passes;
}

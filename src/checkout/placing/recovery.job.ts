// Ends what a crash or a silent provider has left behind. Any number of workers may run it: attempts are taken over
// with SKIP LOCKED and a raised fence, so the one who had them before can write no more.
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Logger } from 'pino';
import { CONFIG, type Config } from '../../platform/config.js';
import { isDatabaseDown } from '../../platform/database/database.js';
import { AppError } from '../../platform/errors.js';
import { LOGGER } from '../../platform/logging.js';
import { Repeating } from '../../platform/repeating.js';
import type { Attempt } from '../payments/attempt.js';
import { AttemptsRepository } from '../payments/attempts.repository.js';
import { PayAttempt } from './pay-attempt.js';
import { SettleAttempt } from './settle-attempt.js';
import { VoidPayment } from './void-payment.js';

const BATCH = 20;
/** An authorized payment whose order could not be placed in so many take-overs is given back. */
const GIVE_UP_AFTER = 10;

@Injectable()
export class RecoveryJob implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly repeating: Repeating;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(AttemptsRepository) private readonly attempts: AttemptsRepository,
    @Inject(PayAttempt) private readonly payAttempt: PayAttempt,
    @Inject(SettleAttempt) private readonly settleAttempt: SettleAttempt,
    @Inject(VoidPayment) private readonly voidPayment: VoidPayment,
  ) {
    this.repeating = new Repeating(
      config.PAYMENT_RECOVERY_AFTER_MS / 4,
      () => this.recover(),
      'recovery could not look for stuck payments',
      logger,
    );
  }

  onApplicationBootstrap(): void {
    if (this.config.ROLE !== 'api') this.repeating.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.repeating.stop();
  }

  /** Takes over what is stuck now. @returns how many attempts. */
  async recover(): Promise<number> {
    const stuck = await this.attempts.takeOverStuck(this.config.PAYMENT_RECOVERY_AFTER_MS, BATCH);
    for (const attempt of stuck) await this.recoverOne(attempt);
    return stuck.length;
  }

  private async recoverOne(attempt: Attempt): Promise<void> {
    try {
      if (attempt.state === 'voiding') await this.voidPayment.void(attempt);
      else await this.payAttempt.ask(attempt);
    } catch (error) {
      this.logger.warn({ err: error, attemptId: attempt.id }, 'an attempt could not be recovered; trying again later');
      if (isHopeless(attempt, error)) await this.settleAttempt.giveUp(attempt);
    }
  }
}

/** A provider that does not answer, a database that is away, or too much to do is no reason: those pass. */
function isHopeless(attempt: Attempt, error: unknown): boolean {
  const passes = isDatabaseDown(error) || (error instanceof AppError && error.code === 'unavailable');
  return attempt.state === 'authorized' && attempt.fence > GIVE_UP_AFTER && !passes;
}

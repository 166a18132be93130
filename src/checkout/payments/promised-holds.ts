import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { type HoldPromise, HoldPromises } from '../../inventory/index.js';
import { Clock } from '../../platform/clock.js';
import { CONFIG, type Config } from '../../platform/config.js';
import type { Attempt } from './attempt.js';
import { AttemptsRepository } from './attempts.repository.js';

/** A customer who is paying keeps the hold, even when Redis has lost its data. */
@Injectable()
export class PromisedHolds implements OnModuleInit {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(AttemptsRepository) private readonly attempts: AttemptsRepository,
    @Inject(HoldPromises) private readonly promises: HoldPromises,
  ) {}

  onModuleInit(): void {
    this.promises.register(async (afterHoldId, limit) => {
      const paying = await this.attempts.payingAfter(afterHoldId, limit);
      return paying.map((attempt) => this.promiseOf(attempt));
    });
  }

  private promiseOf({ checkoutId, agreement, action }: Attempt): HoldPromise {
    const waitMs = action ? action.expiresAtMs - this.clock.nowMs() : 0;
    return {
      holdId: checkoutId,
      lines: agreement.quote.lines,
      ttlMs: Math.max(waitMs, holdTimeOfPayment(this.config)),
    };
  }
}

/** Longer than a payment takes, recovery included. */
export const holdTimeOfPayment = (config: Pick<Config, 'PAYMENT_TIMEOUT_MS' | 'PAYMENT_RECOVERY_AFTER_MS'>): number =>
  (config.PAYMENT_TIMEOUT_MS + config.PAYMENT_RECOVERY_AFTER_MS) * 2;

// Ends what a crash or a silent provider has left behind. Any number of workers may run it: attempts are taken over
// with SKIP LOCKED and a raised fence, so the worker that had them before can write no more.
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Logger } from 'pino';
import { CONFIG, type Config } from '../../platform/config.js';
import { LOGGER } from '../../platform/logging.js';
import { Repeating } from '../../platform/repeating.js';
import { AttemptsRepository } from '../payments/attempts.repository.js';
import { RecoverAttempt } from './recover-attempt.js';

const BATCH = 20;

@Injectable()
export class RecoveryJob implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly repeating: Repeating;
  private isStopping = false;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) logger: Logger,
    @Inject(AttemptsRepository) private readonly attempts: AttemptsRepository,
    @Inject(RecoverAttempt) private readonly recoverAttempt: RecoverAttempt,
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

  /** Waits for the attempt in hand; the others that were taken over wait for another worker. */
  beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    return this.repeating.stop();
  }

  /** Takes over what is stuck now. @returns how many attempts. */
  async recover(): Promise<number> {
    const stuck = await this.attempts.takeOverStuck(this.config.PAYMENT_RECOVERY_AFTER_MS, BATCH);
    for (const attempt of stuck) {
      if (this.isStopping) break;
      await this.recoverAttempt.recover(attempt);
    }
    return stuck.length;
  }
}

import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import type { Tx } from '../../platform/database/database.js';
import type { IdempotencyClaim } from '../../platform/idempotency/idempotency.repository.js';
import { OnceInTransaction } from '../../platform/idempotency/once-in-transaction.js';
import { LOGGER } from '../../platform/logging.js';
import { tellLevelChanges } from '../levels/level-changes.js';
import { LevelMirror } from '../levels/level-mirror.service.js';

/** The answer to a change of stock by hand, and the variants whose levels it changed. */
export interface StockWrite<Answer> {
  readonly answer: Answer;
  readonly variantIds: readonly string[];
}

/** Changes stock by hand, in one transaction with its idempotency key and the event for Redis. */
@Injectable()
export class StockWrites {
  constructor(
    @Inject(OnceInTransaction) private readonly once: OnceInTransaction,
    @Inject(LevelMirror) private readonly mirror: LevelMirror,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * @param claim of a request that may be repeated: the first answer is given again, and nothing is written twice
   * @throws AppError `idempotency_key_reused`, `request_in_progress`, and whatever `work` throws: then nothing is written
   */
  async run<Answer>(
    claim: IdempotencyClaim | undefined,
    work: (tx: Tx) => Promise<StockWrite<Answer>>,
  ): Promise<Answer> {
    let changed: readonly string[] = [];
    const { body } = await this.once.run(claim, async (tx) => {
      const { answer, variantIds } = await work(tx);
      changed = [...new Set(variantIds)];
      await tellLevelChanges(tx, changed);
      return { status: 200, body: answer };
    });
    await this.showAtOnce(changed);
    // The same key and request belong to the same route: an earlier answer has this shape as well.
    return body as Answer;
  }

  /** Lets the writer read its own change; if this fails, the outbox event does it a little later. */
  private async showAtOnce(variantIds: readonly string[]): Promise<void> {
    if (variantIds.length === 0) return;
    await this.mirror.refresh(variantIds).catch((error: unknown) => {
      this.logger.info({ err: error }, 'redis will follow a change of stock later');
    });
  }
}

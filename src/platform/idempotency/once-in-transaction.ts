import { Inject, Injectable } from '@nestjs/common';
import { Database, type Tx } from '../database/database.js';
import { answerOf } from './earlier-answer.js';
import { type IdempotencyClaim, IdempotencyRepository, type StoredAnswer } from './idempotency.repository.js';

/** Work that is one transaction: its key, its effect and its answer are kept together or not at all. */
@Injectable()
export class OnceInTransaction {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(IdempotencyRepository) private readonly idempotency: IdempotencyRepository,
  ) {}

  /**
   * Does the work, or returns its earlier answer under the same claim. Work that throws does not use up its key.
   * @throws AppError `idempotency_key_reused`, `request_in_progress`
   */
  run(claim: IdempotencyClaim | undefined, work: (tx: Tx) => Promise<StoredAnswer>): Promise<StoredAnswer> {
    return this.database.transaction(async (tx) => {
      if (claim === undefined) return work(tx);
      const claimed = await this.idempotency.claim(tx, claim);
      if (claimed.kind !== 'claimed') return answerOf(claimed);
      const answer = await work(tx);
      await this.idempotency.answer(tx, claim, answer);
      return answer;
    });
  }
}

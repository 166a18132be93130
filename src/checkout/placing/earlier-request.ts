import { keyReused } from '../../platform/idempotency/earlier-answer.js';
import type { ClaimResult, StoredAnswer } from '../../platform/idempotency/idempotency.repository.js';
import { inProgress } from '../checkout-errors.js';

export type EarlierRequest = Exclude<ClaimResult, { kind: 'claimed' }>;

/** The answer of an earlier request with the same key. @throws AppError when there is none yet or the body is another */
export function answerOf(earlier: EarlierRequest): StoredAnswer {
  switch (earlier.kind) {
    case 'answered':
      return earlier.answer;
    case 'running':
      throw inProgress('The first request with this key is still running.');
    case 'reused':
      throw keyReused();
  }
}

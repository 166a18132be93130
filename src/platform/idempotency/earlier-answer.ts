import { AppError } from '../errors.js';
import type { EarlierRequest, StoredAnswer } from './idempotency.repository.js';

/**
 * The answer of an earlier request with the same key.
 * @param running the error while that one is still at work
 * @throws AppError when there is no answer yet, or the body was another
 */
export function answerOf(earlier: EarlierRequest, running: () => AppError = requestInProgress): StoredAnswer {
  switch (earlier.kind) {
    case 'answered':
      return earlier.answer;
    case 'running':
      throw running();
    case 'reused':
      throw keyReused();
  }
}

function requestInProgress(): AppError {
  return new AppError('request_in_progress', {
    detail: 'The first request with this Idempotency-Key is still running. Send the same request again shortly.',
    retryAfterS: 1,
  });
}

/** The key came with another request before. */
export function keyReused(): AppError {
  return new AppError('idempotency_key_reused', {
    detail: 'This Idempotency-Key came with another body before. Use a new key for a new request.',
  });
}

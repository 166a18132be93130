import { AppError } from '../errors.js';

/** The first request with this key is still at work. */
export function requestInProgress(): AppError {
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

import type { FastifyRequest } from 'fastify';
import { callerOf } from '../auth/caller.js';
import { hashRequest, type IdempotencyClaim } from './idempotency.repository.js';
import { parseIdempotencyKey } from './idempotency-key.js';

/**
 * What the `Idempotency-Key` of a request claims; undefined when it has none. Keys are chosen by clients, and two of them
 * may choose the same: by whom and for what belongs to it. @throws AppError `validation_failed`
 */
export function claimOf(request: FastifyRequest): IdempotencyClaim | undefined {
  const key = parseIdempotencyKey(request.headers['idempotency-key']);
  if (key === undefined) return undefined;
  const scope = `${request.method} ${request.url.split('?')[0]} ${callerOf(request)}`;
  return { scope, key, requestHash: hashRequest(request.body ?? null) };
}

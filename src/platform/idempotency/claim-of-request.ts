import type { FastifyRequest } from 'fastify';
import { callerOf } from '../auth/caller.js';
import { invalidField } from '../errors.js';
import { hashRequest, type IdempotencyClaim } from './idempotency.repository.js';
import { parseIdempotencyKey } from './idempotency-key.js';

/** So long that nobody chooses the same by accident, or finds it by trying. */
const MIN_SECRET_KEY = 16;

/**
 * What the `Idempotency-Key` of a request claims; undefined when it has none. Two clients may choose the same key, so the
 * claim includes the caller and the route.
 * @param guestsOwn the field of the body that only one guest knows, like the id of a cart
 * @throws AppError `validation_failed`
 */
export function claimOf(request: FastifyRequest, guestsOwn?: string): IdempotencyClaim | undefined {
  const key = parseIdempotencyKey(request.headers['idempotency-key']);
  if (key === undefined) return undefined;
  const caller = callerOf(request) ?? guestOf(request.body, key, guestsOwn);
  const scope = `${request.method} ${request.url.split('?')[0]} ${caller}`;
  return { scope, key, requestHash: hashRequest(request.body ?? null) };
}

/** Many guests share an address, and one guest has several: they are told apart by what they own, or by the key itself. */
function guestOf(body: unknown, key: string, guestsOwn: string | undefined): string {
  const owned = guestsOwn && typeof body === 'object' && body !== null ? Reflect.get(body, guestsOwn) : undefined;
  if (typeof owned === 'string') return `guest:${hashRequest(owned).toString('hex')}`;
  if (key.length >= MIN_SECRET_KEY) return 'guest';
  throw invalidField(
    'Idempotency-Key',
    'too_short',
    `must have at least ${MIN_SECRET_KEY} characters from somebody without an account, such as a UUID: nothing else tells you from others`,
  );
}

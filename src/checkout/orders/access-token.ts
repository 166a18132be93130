import { createHmac, hash } from 'node:crypto';
import { z } from 'zod';
import type { StoredAnswer } from '../../platform/idempotency/idempotency.repository.js';

/**
 * The token that opens one order without an account. It is made from the order's id and the shop's secret, so that a stored
 * answer can be repeated with the token without storing it (HMAC, RFC 2104; 192 bits).
 */
export function accessTokenOf(orderId: string, secret: string): string {
  return createHmac('sha256', secret).update(`order:${orderId}`).digest('base64url').slice(0, 32);
}

/** The stored hash of a token. The token still opens its order when the secret has changed. */
export function hashAccessToken(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}

/** Only the id of a stored answer is read; the rest goes out as it was stored. */
const placedOrder = z.looseObject({ id: z.string() });

/** The answer to a request that placed an order, with the order's token; other answers stay as they are. */
export function withAccessToken(answer: StoredAnswer, secret: string): StoredAnswer {
  if (answer.status !== 201) return answer;
  const order = placedOrder.parse(answer.body);
  const body = { ...order, accessToken: accessTokenOf(order.id, secret) };
  return { status: answer.status, body };
}

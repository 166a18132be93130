// Checkouts whose payment is authorized: the state that a request to pay leaves before placing.
import type { Attempt } from '../../src/checkout/payments/attempt.js';
import type { Quote } from '../../src/checkout/session/checkout-session.js';
import type { Database } from '../../src/platform/database/database.js';
import { newId, newSecretId } from './built.ts';
import { address, customerEmail } from './buyer.ts';

/** A checkout whose payment is authorized. */
export type PaidCheckout = Attempt;

/** Deletes those that an earlier round left, then writes one for each quote. */
export async function writePaidCheckouts({ pool }: Database, quotes: readonly Quote[]): Promise<PaidCheckout[]> {
  const attempts = quotes.map(toAttempt);
  await forgetUnplaced(pool);
  await pool.query(
    `WITH given AS (SELECT * FROM json_to_recordset($1) AS g (id uuid, "checkoutId" uuid, "cartId" uuid, "orderId" uuid,
         "amountMinor" bigint, agreement jsonb, session jsonb)),
       attempts AS (
         INSERT INTO payment_attempts (id, checkout_id, cart_id, order_id, provider, amount_minor, currency, state,
           agreement, idempotency_scope, idempotency_key)
         SELECT id, "checkoutId", "cartId", "orderId", 'test', "amountMinor", 'USD', 'authorized', agreement, 'bench',
           id::text FROM given),
       keys AS (
         INSERT INTO idempotency_keys (scope, key, request_hash) SELECT 'bench', id::text, '' FROM given)
     INSERT INTO checkout_sessions (id, version, state, cart_id, document)
     SELECT "checkoutId", 3, 'paying', "cartId", session FROM given`,
    [JSON.stringify(attempts.map((attempt) => ({ ...attempt, session: toSession(attempt) })))],
  );
  return attempts;
}

/** In a shop, recovery would have ended those that were not placed. */
async function forgetUnplaced(pool: Database['pool']): Promise<void> {
  await pool.query(`DELETE FROM payment_attempts WHERE state = 'authorized'`);
  await pool.query(`DELETE FROM checkout_sessions WHERE state = 'paying'`);
  await pool.query(`DELETE FROM idempotency_keys WHERE scope = 'bench' AND status IS NULL`);
  await pool.query('VACUUM ANALYZE payment_attempts, checkout_sessions, idempotency_keys');
}

function toAttempt(quote: Quote): Attempt {
  const id = newId();
  return {
    id,
    checkoutId: newSecretId(),
    cartId: newSecretId(),
    orderId: newId(),
    provider: 'test',
    amountMinor: quote.totalMinor,
    currency: quote.currency,
    state: 'authorized',
    fence: 1,
    agreement: { email: customerEmail, discountCodes: [], shippingAddress: address, quote },
    idempotencyScope: 'bench',
    idempotencyKey: id,
  };
}

function toSession({ id: attemptId, checkoutId: id, cartId, agreement }: Attempt) {
  return { id, version: 3, state: 'paying', cartId, ...agreement, holdExpiresAtMs: Date.now(), attemptId };
}

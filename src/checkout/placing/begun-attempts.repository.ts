// Begins many payments in one statement: idempotency key, attempt and session of each, or nothing of it. An attempt that
// finds anything but the plain case (another version, a locked session, a used key, a live attempt) is left out, and has to
// be begun alone.
import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { Statement } from '../../platform/database/statement.js';
import type { IdempotencyClaim } from '../../platform/idempotency/idempotency.repository.js';
import { firstPerKey } from '../first-per-key.js';
import { sqlMove } from '../moves.js';
import type { NewAttempt } from '../payments/attempts.repository.js';
import { type CheckoutSession, textOfAll } from '../session/checkout-session.js';
import { mayMove } from '../session/transitions.js';

/** What becomes durable before a provider is called. */
export interface Beginning {
  readonly attempt: NewAttempt;
  readonly claim: IdempotencyClaim;
  /** The session in state `paying`, one version on. */
  readonly paying: CheckoutSession;
}

// The version shows that the session is reserved: `nextVersion` made the one after it from a session in that state.
const pay = sqlMove(mayMove, ['reserved'], 'paying');

// Every row that the statement waits for would hold up all of its payments: sessions are locked without waiting, and
// while one is locked in the version that was read, nobody else begins or settles a payment of it, or has a key of its scope.
// Attempts and their sessions, which are text already, come as two arrays; `value` is the session of an attempt.
const beginAll = new Statement<{ id: string }>(
  'payment_attempts_begin',
  `WITH wanted AS MATERIALIZED (
     SELECT w.*, (value ->> 'version')::bigint AS version
     FROM ROWS FROM (
       jsonb_to_recordset($1::jsonb) AS (
         id uuid, "checkoutId" uuid, "cartId" uuid, "orderId" uuid, provider text, "amountMinor" bigint, currency text,
         agreement jsonb, "idempotencyScope" text, "idempotencyKey" text, "requestHash" text),
       jsonb_array_elements($2::jsonb)
     ) AS w
   ), locked AS MATERIALIZED (
     SELECT s.id FROM wanted w CROSS JOIN LATERAL (
       SELECT c.id, c.version FROM checkout_sessions c WHERE c.id = w."checkoutId" FOR UPDATE SKIP LOCKED
     ) s WHERE s.version = w.version - 1
   ), claimed AS (
     INSERT INTO idempotency_keys (scope, key, request_hash)
     SELECT w."idempotencyScope", w."idempotencyKey", decode(w."requestHash", 'hex')
     FROM wanted w JOIN locked ON locked.id = w."checkoutId"
     WHERE NOT EXISTS (SELECT FROM payment_attempts a WHERE a.checkout_id = w."checkoutId" AND a.is_live)
     ON CONFLICT DO NOTHING RETURNING scope, key
   ), begun AS MATERIALIZED (
     SELECT w.* FROM wanted w JOIN claimed c ON c.scope = w."idempotencyScope" AND c.key = w."idempotencyKey"
   ), moved AS (
     UPDATE checkout_sessions s SET version = b.version, state = ${pay.to}, document = b.value, updated_at = now()
     FROM begun b WHERE s.id = b."checkoutId"
   )
   INSERT INTO payment_attempts (id, checkout_id, cart_id, order_id, provider, amount_minor, currency, state, fence,
     agreement, idempotency_scope, idempotency_key)
   SELECT id, "checkoutId", "cartId", "orderId", provider, "amountMinor", currency, 'paying', 1,
     agreement, "idempotencyScope", "idempotencyKey" FROM begun
   RETURNING id`,
);

@Injectable()
export class BegunAttempts {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Begins what can be begun at once; of several attempts for one checkout the first. @returns their ids */
  async begin(beginnings: readonly Beginning[]): Promise<ReadonlySet<string>> {
    const begun = firstPerKey(beginnings, ({ paying }) => paying.id);
    const rows = await beginAll.rows(this.database.orm, [
      JSON.stringify(begun.map(toRow)),
      textOfAll(begun.map(({ paying }) => paying)),
    ]);
    return new Set(rows.map(({ id }) => id));
  }
}

function toRow({ attempt, claim }: Beginning) {
  return { ...attempt, requestHash: claim.requestHash.toString('hex') };
}

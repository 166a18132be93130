// Notes in one statement that the money of many orders has been taken: attempt, order and session of each. If anything of
// one is locked or not in the plain state, nothing of it is written: it has to be noted alone.
import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { Statement } from '../../platform/database/statement.js';
import { sqlMove } from '../moves.js';
import type { Attempt } from '../payments/attempt.js';
import { mayAttemptMove } from '../payments/attempt-states.js';
import { type CheckoutSession, checkoutSession } from '../session/checkout-session.js';
import { mayMove } from '../session/transitions.js';

const attemptMove = sqlMove(mayAttemptMove, ['placed'], 'captured');
const sessionMove = sqlMove(mayMove, ['placed'], 'captured');

const noteAll = new Statement<{ id: string; document: unknown }>(
  'payment_attempts_capture',
  `WITH plain AS MATERIALIZED (
     SELECT a.id, a.order_id, a.checkout_id FROM unnest($1::uuid[], $2::int[]) AS w (id, fence)
     CROSS JOIN LATERAL (
       SELECT p.id, p.fence, p.order_id, p.checkout_id FROM payment_attempts p
       JOIN orders o ON o.id = p.order_id AND o.state = 'placed'
       JOIN checkout_sessions s ON s.id = p.checkout_id AND s.state = ${sessionMove.from} AND s.document ->> 'attemptId' = p.id::text
       WHERE p.id = w.id AND p.state = ${attemptMove.from} FOR UPDATE OF p, o, s SKIP LOCKED
     ) a WHERE a.fence = w.fence
   ), captured AS (
     UPDATE payment_attempts a SET state = ${attemptMove.to}, updated_at = now() FROM plain WHERE a.id = plain.id
   ), paid AS (
     UPDATE orders o SET state = 'captured', captured_at = now() FROM plain WHERE o.id = plain.order_id
   )
   UPDATE checkout_sessions s SET version = version + 1, state = ${sessionMove.to}, updated_at = now(),
     document = document || jsonb_build_object('version', version + 1, 'state', ${sessionMove.to})
   FROM plain WHERE s.id = plain.checkout_id RETURNING plain.id, s.document`,
);

@Injectable()
export class CapturesRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** @returns the sessions of the attempts whose capture is noted now, by attempt */
  async note(attempts: readonly Pick<Attempt, 'id' | 'fence'>[]): Promise<ReadonlyMap<string, CheckoutSession>> {
    const rows = await noteAll.rows(this.database.orm, [
      attempts.map(({ id }) => id),
      attempts.map(({ fence }) => fence),
    ]);
    return new Map(rows.map(({ id, document }) => [id, checkoutSession.parse(document)]));
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { sql } from 'drizzle-orm';
import { Database } from '../../platform/database/database.js';
import { appendToOutbox } from '../../platform/outbox/outbox.js';
import { sqlMove } from '../moves.js';
import { mayMove } from './transitions.js';

const expire = sqlMove(mayMove, ['reserved'], 'expired');

@Injectable()
export class ExpiredCheckoutsRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /**
   * Ends checkouts that were untouched for so long, but none that is being paid. Their events bring Redis up to date.
   * @returns how many; at most `limit`
   */
  expire(untouchedForS: number, limit = 500): Promise<number> {
    return this.database.transaction(async (tx) => {
      const { rows } = await tx.execute<{ id: string }>(sql`
        UPDATE checkout_sessions SET version = version + 1, state = ${sql.raw(expire.to)}, updated_at = now(),
          document = document || jsonb_build_object('version', version + 1, 'state', ${sql.raw(expire.to)})
        WHERE id IN (
          SELECT id FROM checkout_sessions
          WHERE is_under_way AND opened_at < now() - ${untouchedForS} * interval '1 second'
            AND state = ${sql.raw(expire.from)} AND updated_at < now() - ${untouchedForS} * interval '1 second'
          ORDER BY opened_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)
        RETURNING id`);
      await appendToOutbox(
        tx,
        rows.map(({ id }) => ({ event: 'checkout.expired' as const, payload: { checkoutId: id } })),
      );
      return rows.length;
    });
  }
}

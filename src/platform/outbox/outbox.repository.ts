import { Inject, Injectable } from '@nestjs/common';
import { sql } from 'drizzle-orm';
import { Database } from '../database/database.js';
import { Statement } from '../database/statement.js';

/** An event that this process has to deliver. */
export type ClaimedEvent = {
  readonly id: string;
  readonly event: string;
  readonly payload: unknown;
  /** This delivery included. */
  readonly attempts: number;
};

/** An event that could not be delivered and waits for a person. */
export type DeadEvent = ClaimedEvent & {
  /** As PostgreSQL writes a time. */
  readonly createdAt: string;
  readonly lastError: string | null;
};

export type OutboxBacklog = {
  readonly waiting: number;
  readonly dead: number;
  readonly oldestAgeS: number;
};

/** An event that could not be delivered for this long waits for a person. */
const GIVE_UP_AFTER = '3 days';
/** … and this often: a shop that was closed for days has not tried. */
const GIVE_UP_ATTEMPTS = 20;

/** Most events of one claim: planned with the number in it, PostgreSQL walks the index of due events and stops there. */
export const CLAIM_AT_ONCE = 64;

// Both are sent for every delivery, even an empty one: planning them anew costs more than running them.
const claimDue = new Statement<ClaimedEvent>(
  'outbox_claim',
  `UPDATE outbox SET attempts = attempts + 1, available_at = now() + $2 * interval '1 millisecond'
   WHERE id IN (
     SELECT id FROM outbox AS due
     WHERE NOT dead AND available_at <= now() AND event = ANY ($1::text[])
       AND NOT EXISTS (SELECT FROM outbox AS earlier
         WHERE earlier.ordering_key = due.ordering_key AND earlier.id < due.id)
     ORDER BY available_at, id LIMIT ${CLAIM_AT_ONCE} FOR UPDATE SKIP LOCKED)
   RETURNING id, event, payload, attempts`,
);

const removeTaken = new Statement<never>('outbox_remove', 'DELETE FROM outbox WHERE id = ANY ($1::bigint[])');

@Injectable()
export class OutboxRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Takes due events with these names that have none before them to wait for; for `claimMs` no other relay does. */
  claim(names: readonly string[], claimMs: number): Promise<ClaimedEvent[]> {
    return claimDue.rows(this.database.orm, [names, claimMs]);
  }

  async remove(ids: readonly string[]): Promise<void> {
    await removeTaken.rows(this.database.orm, [ids]);
  }

  async postpone(id: string, delayMs: number, failure: string): Promise<void> {
    await this.database.orm.execute(sql`
      UPDATE outbox SET available_at = now() + ${Math.round(delayMs)} * interval '1 millisecond',
        last_error = ${failure.slice(0, 500)}, dead = attempts >= ${GIVE_UP_ATTEMPTS} AND created_at < now() - ${GIVE_UP_AFTER}::interval
      WHERE id = ${id}`);
  }

  /** Events that wait for a person, oldest first, after the one with the id `after`. */
  async dead(limit: number, after = '0'): Promise<DeadEvent[]> {
    const { rows } = await this.database.orm.execute<DeadEvent>(sql`
      SELECT id, event, payload, attempts, created_at AS "createdAt", last_error AS "lastError"
      FROM outbox WHERE dead AND id > ${after} ORDER BY id LIMIT ${limit}`);
    return rows;
  }

  /** Lets a dead event be tried again, as often as a new one. @returns false when there is no such dead event */
  async revive(id: string): Promise<boolean> {
    const { rowCount } = await this.database.orm.execute(sql`
      UPDATE outbox SET dead = false, attempts = 0, available_at = now() WHERE id = ${id} AND dead`);
    return rowCount === 1;
  }

  /** Gives a dead event up for good. @returns false when there is no such dead event */
  async discard(id: string): Promise<boolean> {
    const { rowCount } = await this.database.orm.execute(sql`DELETE FROM outbox WHERE id = ${id} AND dead`);
    return rowCount === 1;
  }

  async backlog(): Promise<OutboxBacklog> {
    const { rows } = await this.database.orm.execute<OutboxBacklog>(sql`
      SELECT count(*) FILTER (WHERE NOT dead)::int AS waiting, count(*) FILTER (WHERE dead)::int AS dead,
        coalesce(extract(epoch FROM now() - min(created_at) FILTER (WHERE NOT dead)), 0)::float AS "oldestAgeS"
      FROM outbox`);
    return rows[0] ?? { waiting: 0, dead: 0, oldestAgeS: 0 };
  }
}

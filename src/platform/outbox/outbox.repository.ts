import { sql } from 'drizzle-orm';
import type { Database } from '../database/database.js';

/** An event that this process has to deliver. */
export interface ClaimedEvent {
  readonly id: string;
  readonly event: string;
  readonly payload: unknown;
  /** This delivery included. */
  readonly attempts: number;
}

/** An event that could not be delivered for so long waits for a person. */
const GIVE_UP_AFTER = '3 days';
/** … and so often: a shop that was closed for days has not tried. */
const GIVE_UP_ATTEMPTS = 20;

export class OutboxRepository {
  constructor(private readonly database: Database) {}

  /** Takes the events with these names that are due; for `claimMs` no other relay does. */
  async claim(names: readonly string[], limit: number, claimMs: number): Promise<ClaimedEvent[]> {
    const { rows } = await this.database.orm.execute<ClaimedEvent & Record<string, unknown>>(sql`
      UPDATE outbox SET attempts = attempts + 1, available_at = now() + ${claimMs} * interval '1 millisecond'
      WHERE id IN (
        SELECT id FROM outbox WHERE NOT dead AND available_at <= now() AND event = ANY(${sql.param([...names])}::text[])
        ORDER BY available_at, id LIMIT ${limit} FOR UPDATE SKIP LOCKED)
      RETURNING id, event, payload, attempts`);
    return rows;
  }

  async remove(id: string): Promise<void> {
    await this.database.orm.execute(sql`DELETE FROM outbox WHERE id = ${id}`);
  }

  async postpone(id: string, delayMs: number, failure: string): Promise<void> {
    await this.database.orm.execute(sql`
      UPDATE outbox SET available_at = now() + ${Math.round(delayMs)} * interval '1 millisecond',
        last_error = ${failure.slice(0, 500)}, dead = attempts >= ${GIVE_UP_ATTEMPTS} AND created_at < now() - ${GIVE_UP_AFTER}::interval
      WHERE id = ${id}`);
  }
}

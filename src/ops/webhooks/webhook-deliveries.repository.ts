import { Inject, Injectable } from '@nestjs/common';
import { sql } from 'drizzle-orm';
import { Database } from '../../platform/database/database.js';
import { Statement } from '../../platform/database/statement.js';

/** What is to be sent, and to whom. */
export interface DueWebhook {
  readonly id: string;
  readonly endpointId: string;
  readonly url: string;
  readonly secret: Buffer;
  readonly eventId: string;
  readonly body: string;
  /** This one included. */
  readonly attempts: number;
}

/** A line of the log. */
export type WebhookDelivery = {
  readonly id: string;
  readonly eventId: string;
  readonly event: string;
  readonly body: string;
  readonly state: 'pending' | 'delivered' | 'failed';
  readonly attempts: number;
  readonly dueAt: string;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly createdAt: string;
  readonly deliveredAt: string | null;
};

export interface NewDelivery {
  readonly eventId: string;
  readonly event: string;
  readonly orderingKey: string | null;
  readonly body: string;
}

/** How an attempt ended. */
export interface Outcome {
  readonly status: number | null;
  readonly error: string | null;
}

/** Most at once for one endpoint. */
const PER_ENDPOINT = 16;

const enqueueAll = new Statement<{ id: string }>(
  'webhook_deliveries_enqueue',
  `INSERT INTO webhook_deliveries (endpoint_id, event_id, event, ordering_key, body)
   SELECT e.id, d."eventId", d.event, d."orderingKey", d.body
   FROM jsonb_to_recordset($1::jsonb) AS d ("eventId" bigint, event text, "orderingKey" text, body text)
   JOIN webhook_endpoints e ON d.event = ANY (e.events) AND e.disabled_at IS NULL
   ORDER BY d."eventId" ON CONFLICT DO NOTHING RETURNING id`,
);

const claimDue = new Statement<DueWebhook>(
  'webhook_deliveries_claim',
  `UPDATE webhook_deliveries d SET attempts = attempts + 1, due_at = now() + $2 * interval '1 millisecond'
   FROM webhook_endpoints e CROSS JOIN LATERAL (
     SELECT id FROM webhook_deliveries due
     WHERE endpoint_id = e.id AND state = 'pending' AND due_at <= now()
       AND NOT EXISTS (SELECT FROM webhook_deliveries earlier
         WHERE earlier.endpoint_id = due.endpoint_id AND earlier.ordering_key = due.ordering_key
           AND earlier.event_id < due.event_id AND earlier.state = 'pending')
     ORDER BY due_at, id LIMIT ${PER_ENDPOINT} FOR UPDATE SKIP LOCKED) taken
   WHERE d.id = taken.id AND e.disabled_at IS NULL AND NOT e.id = ANY ($1::uuid[])
   RETURNING d.id, e.id AS "endpointId", e.url, e.secret, d.event_id AS "eventId", d.body, d.attempts`,
);

@Injectable()
export class WebhookDeliveriesRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Writes a delivery for each endpoint that wants the event; a repetition changes nothing. @returns how many */
  async enqueue(events: readonly NewDelivery[]): Promise<number> {
    return (await enqueueAll.rows(this.database.orm, [JSON.stringify(events)])).length;
  }

  /** Claims due deliveries for `claimMs`, except those of `busy` endpoints. */
  claim(busy: readonly string[], claimMs: number): Promise<DueWebhook[]> {
    return claimDue.rows(this.database.orm, [busy, claimMs]);
  }

  async noteDelivered(id: string, { status }: Outcome): Promise<void> {
    await this.database.orm.execute(sql`
      UPDATE webhook_deliveries SET state = 'delivered', delivered_at = now(), last_status = ${status}, last_error = NULL
      WHERE id = ${id}`);
  }

  /** @param delayMs until the next attempt; undefined gives up */
  async noteFailed(id: string, { status, error }: Outcome, delayMs: number | undefined): Promise<void> {
    await this.database.orm.execute(sql`
      UPDATE webhook_deliveries SET state = ${delayMs === undefined ? 'failed' : 'pending'},
        due_at = now() + ${Math.round(delayMs ?? 0)} * interval '1 millisecond',
        last_status = ${status}, last_error = ${error?.slice(0, 500) ?? null}
      WHERE id = ${id} AND state = 'pending'`);
  }

  /** The log of an endpoint, newest first. */
  async log(endpointId: string, limit: number, before?: string): Promise<WebhookDelivery[]> {
    const { rows } = await this.database.orm.execute<WebhookDelivery>(sql`
      SELECT id, event_id AS "eventId", event, body, state, attempts, due_at AS "dueAt", last_status AS "lastStatus",
        last_error AS "lastError", created_at AS "createdAt", delivered_at AS "deliveredAt"
      FROM webhook_deliveries WHERE endpoint_id = ${endpointId} AND (${before ?? null}::bigint IS NULL OR id < ${before ?? null})
      ORDER BY id DESC LIMIT ${limit}`);
    return rows;
  }

  /** Sends a delivery again, whatever became of it. @returns false when there is none */
  async replay(endpointId: string, id: string): Promise<boolean> {
    const { rowCount } = await this.database.orm.execute(sql`
      UPDATE webhook_deliveries SET state = 'pending', attempts = 0, due_at = now(), delivered_at = NULL
      WHERE id = ${id} AND endpoint_id = ${endpointId}`);
    return rowCount === 1;
  }

  /** Deletes older lines of the log that are not pending. @returns how many, bounded by `limit` */
  async purge(olderThanS: number, limit = 5_000): Promise<number> {
    const { rowCount } = await this.database.orm.execute(sql`
      DELETE FROM webhook_deliveries WHERE id IN (
        SELECT id FROM webhook_deliveries WHERE state <> 'pending'
          AND created_at < now() - ${olderThanS} * interval '1 second' LIMIT ${limit})`);
    return rowCount ?? 0;
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { sql } from 'drizzle-orm';
import { Database } from '../../platform/database/database.js';

export type WebhookEndpoint = {
  readonly id: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly createdAt: string;
  readonly disabledAt: string | null;
  readonly disabledReason: string | null;
};

/** Most endpoints of a shop. */
export const MAX_ENDPOINTS = 20;

const columns = sql.raw(`id, url, events, created_at AS "createdAt", disabled_at AS "disabledAt",
  disabled_reason AS "disabledReason"`);

@Injectable()
export class WebhookEndpointsRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** @returns undefined when there are MAX_ENDPOINTS already */
  async insert(endpoint: {
    readonly id: string;
    readonly url: string;
    readonly events: readonly string[];
    readonly secret: Buffer;
  }): Promise<WebhookEndpoint | undefined> {
    return this.database.transaction(async (tx) => {
      await tx.execute(sql`LOCK TABLE webhook_endpoints IN SHARE ROW EXCLUSIVE MODE`);
      const { rows } = await tx.execute<WebhookEndpoint>(sql`
        INSERT INTO webhook_endpoints (id, url, events, secret)
        SELECT ${endpoint.id}, ${endpoint.url}, ${sql.param([...endpoint.events])}::text[], ${endpoint.secret}
        WHERE (SELECT count(*) FROM webhook_endpoints) < ${MAX_ENDPOINTS}
        RETURNING ${columns}`);
      return rows[0];
    });
  }

  async all(): Promise<WebhookEndpoint[]> {
    const { rows } = await this.database.orm.execute<WebhookEndpoint>(sql`
      SELECT ${columns} FROM webhook_endpoints ORDER BY created_at, id LIMIT ${MAX_ENDPOINTS}`);
    return rows;
  }

  async exists(id: string): Promise<boolean> {
    const { rows } = await this.database.orm.execute(sql`SELECT FROM webhook_endpoints WHERE id = ${id}`);
    return rows.length > 0;
  }

  /** @returns undefined when there is none */
  async change(
    id: string,
    change: { readonly url?: string; readonly events?: readonly string[]; readonly enabled?: boolean },
  ): Promise<WebhookEndpoint | undefined> {
    const events = change.events ? sql`${sql.param([...change.events])}::text[]` : sql`events`;
    const disabledAt =
      change.enabled === undefined ? sql`disabled_at` : change.enabled ? sql`NULL` : sql`coalesce(disabled_at, now())`;
    const { rows } = await this.database.orm.execute<WebhookEndpoint>(sql`
      UPDATE webhook_endpoints SET url = coalesce(${change.url ?? null}, url), events = ${events},
        disabled_at = ${disabledAt},
        disabled_reason = ${change.enabled === undefined ? sql`disabled_reason` : change.enabled ? null : 'by an administrator'}
      WHERE id = ${id} RETURNING ${columns}`);
    return rows[0];
  }

  async disable(id: string, reason: string): Promise<void> {
    await this.database.orm.execute(sql`
      UPDATE webhook_endpoints SET disabled_at = now(), disabled_reason = ${reason}
      WHERE id = ${id} AND disabled_at IS NULL`);
  }

  /** Deletes an endpoint with its log. @returns false when there is none */
  async delete(id: string): Promise<boolean> {
    const { rowCount } = await this.database.orm.execute(sql`DELETE FROM webhook_endpoints WHERE id = ${id}`);
    return (rowCount ?? 0) > 0;
  }
}

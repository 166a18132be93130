// The session writes of many requests at once. A session that is locked, or has changed since it was read, is left to a
// statement of its own, which waits and decides.
import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { SharedStatement } from '../../platform/database/shared-statement.js';
import { Statement } from '../../platform/database/statement.js';
import { firstPerKey } from '../first-per-key.js';
import { type CheckoutSession, textOfAll } from './checkout-session.js';
import { CheckoutSessionsRepository } from './checkout-sessions.repository.js';

interface Written {
  id: string;
}

const insertAll = new Statement<Written>(
  'checkout_sessions_insert',
  `INSERT INTO checkout_sessions (id, version, state, cart_id, document)
   SELECT (d ->> 'id')::uuid, (d ->> 'version')::bigint, d ->> 'state', (d ->> 'cartId')::uuid, d
   FROM jsonb_array_elements($1::jsonb) d RETURNING id`,
);

// Each row is looked up by its id alone (LATERAL): with a join, a plan made while the table was small may go on reading all
// of it.
const replaceAll = new Statement<Written>(
  'checkout_sessions_replace',
  `WITH next AS MATERIALIZED (
     SELECT (d ->> 'id')::uuid AS id, (d ->> 'version')::bigint AS version, d ->> 'state' AS state, d AS document
     FROM jsonb_array_elements($1::jsonb) d
   ), locked AS MATERIALIZED (
     SELECT s.id FROM next CROSS JOIN LATERAL (
       SELECT c.id, c.version FROM checkout_sessions c WHERE c.id = next.id FOR UPDATE SKIP LOCKED
     ) s WHERE s.version = next.version - 1
   )
   UPDATE checkout_sessions s
   SET version = next.version, state = next.state, document = next.document, updated_at = now()
   FROM next JOIN locked ON locked.id = next.id
   WHERE s.id = next.id RETURNING s.id`,
);

@Injectable()
export class SessionWrites {
  private readonly inserts;
  private readonly replacements;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CheckoutSessionsRepository) sessions: CheckoutSessionsRepository,
  ) {
    this.inserts = new SharedStatement<CheckoutSession, true>(
      (items) => this.writeAll(insertAll, items),
      (session) => sessions.insert(session).then(() => true),
    );
    this.replacements = new SharedStatement<CheckoutSession, boolean>(
      (items) => this.writeAll(replaceAll, items),
      (next) => sessions.replace(next),
    );
  }

  /** Keeps a new session. */
  async insert(session: CheckoutSession): Promise<void> {
    await this.inserts.run(session);
  }

  /** Replaces the version before `next`. @returns false when that is no longer the current one */
  replace(next: CheckoutSession): Promise<boolean> {
    return this.replacements.run(next);
  }

  /** Of several items for one session the first is written. @returns true for each that was written, else undefined */
  private async writeAll(
    statement: Statement<Written>,
    items: readonly CheckoutSession[],
  ): Promise<(true | undefined)[]> {
    const sent = firstPerKey(items, ({ id }) => id);
    const rows = await statement.rows(this.database.orm, [textOfAll(sent)]);
    const written = new Set(rows.map(({ id }) => id));
    const isWritten = new Set(sent.filter(({ id }) => written.has(id)));
    return items.map((item) => isWritten.has(item) || undefined);
  }
}

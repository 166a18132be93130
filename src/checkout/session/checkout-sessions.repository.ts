import { Inject, Injectable } from '@nestjs/common';
import { eq, sql } from 'drizzle-orm';
import { Database } from '../../platform/database/database.js';
import { type CheckoutSession, checkoutSession } from './checkout-session.js';
import { checkoutSessions } from './checkout-sessions.schema.js';

@Injectable()
export class CheckoutSessionsRepository {
  private readonly byId;

  constructor(@Inject(Database) private readonly database: Database) {
    this.byId = database.orm
      .select({ document: checkoutSessions.document })
      .from(checkoutSessions)
      .where(eq(checkoutSessions.id, sql.placeholder('id')))
      .prepare('checkout_session_by_id');
  }

  async find(id: string): Promise<CheckoutSession | undefined> {
    const [row] = await this.byId.execute({ id });
    return row && checkoutSession.parse(row.document);
  }

  /** Keeps the session. @returns false when this version or a newer one is kept already */
  async save(session: CheckoutSession): Promise<boolean> {
    const { id, version, state, cartId } = session;
    const saved = await this.database.orm
      .insert(checkoutSessions)
      .values({ id, version, state, cartId, document: session })
      .onConflictDoUpdate({
        target: checkoutSessions.id,
        set: { version, state, document: session, updatedAt: sql`now()` },
        setWhere: sql`${checkoutSessions.version} < excluded.version`,
      })
      .returning({ id: checkoutSessions.id });
    return saved.length > 0;
  }

  /** Deletes checkouts that ended without an order, or never did, long ago. @returns how many; at most `limit`. */
  async purge(untouchedForS: number, limit = 2_000): Promise<number> {
    const result = await this.database.orm.execute(sql`
      DELETE FROM checkout_sessions WHERE id IN (
        SELECT id FROM checkout_sessions
        WHERE updated_at < now() - ${untouchedForS} * interval '1 second'
          AND state NOT IN ('paying', 'authorized', 'placed', 'captured', 'voiding', 'review')
        ORDER BY updated_at LIMIT ${limit})`);
    return result.rowCount ?? 0;
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { and, eq, sql } from 'drizzle-orm';
import { Database } from '../platform/database/database.js';
import { customerSessions } from './customers.schema.js';

export interface SessionRow {
  readonly id: string;
  readonly customerId: string;
  readonly tokenHash: Buffer;
  readonly expiresAt: Date;
}

@Injectable()
export class SessionsRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Stores a session and ends those of the customer that have expired or exceed `maxSessions`, oldest first. */
  async insert(session: SessionRow, maxSessions: number, now: Date): Promise<void> {
    await this.database.transaction(async (tx) => {
      await tx.insert(customerSessions).values(session);
      await tx.execute(sql`
        DELETE FROM customer_sessions WHERE customer_id = ${session.customerId} AND (expires_at <= ${now.toISOString()} OR id IN (
          SELECT id FROM customer_sessions WHERE customer_id = ${session.customerId}
          ORDER BY created_at DESC, id DESC OFFSET ${maxSessions}))`);
    });
  }

  /** Replaces the current token by the next one, atomically. @returns undefined unless `current` was current. */
  async rotate(
    id: string,
    current: Buffer,
    next: Omit<SessionRow, 'id' | 'customerId'>,
    now: Date,
  ): Promise<string | undefined> {
    const [row] = await this.database.orm
      .update(customerSessions)
      .set(next)
      .where(
        and(
          eq(customerSessions.id, id),
          eq(customerSessions.tokenHash, current),
          sql`${customerSessions.expiresAt} > ${now.toISOString()}`,
        ),
      )
      .returning({ customerId: customerSessions.customerId });
    return row?.customerId;
  }

  /** @returns whether there was such a session. */
  async delete(id: string): Promise<boolean> {
    const rows = await this.database.orm
      .delete(customerSessions)
      .where(eq(customerSessions.id, id))
      .returning({ id: customerSessions.id });
    return rows.length > 0;
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { and, eq, type SQL, sql } from 'drizzle-orm';
import { Database } from '../../../platform/database/database.js';
import { orders } from '../../orders/orders.schema.js';
import type { AttemptState } from '../attempt-states.js';
import { paymentAttempts } from '../attempts.schema.js';

const UNSETTLED: readonly AttemptState[] = ['paying', 'authorized', 'voiding', 'review'];

/** These let PostgreSQL use the partial indexes: it cannot derive these flags from a state. */
const flagOf: Partial<Record<AttemptState, SQL>> = {
  paying: sql`is_under_way`,
  authorized: sql`is_under_way`,
  voiding: sql`is_under_way`,
  review: sql`is_in_review`,
};

/** Where a page goes on: after this attempt, in the order of the last change. Microseconds are kept, as text. */
export type PaymentPosition = readonly [updatedAt: string, id: string];

/** Attempts as administrators see them, beside the state of the order that they pay. */
@Injectable()
export class PaymentsRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  async find(id: string) {
    const [row] = await this.select(eq(paymentAttempts.id, id)).limit(1);
    return row;
  }

  list(state: AttemptState, limit: number, after: PaymentPosition | undefined) {
    const { updatedAt, id } = paymentAttempts;
    const isAfter = after && sql`(${updatedAt}, ${id}) > (${after[0]}::timestamptz, ${after[1]}::uuid)`;
    return this.select(and(eq(paymentAttempts.state, state), flagOf[state], isAfter))
      .orderBy(updatedAt, id)
      .limit(limit);
  }

  /** Attempts that have not ended, by state; found by the two partial indexes of such attempts. */
  async countUnsettled(): Promise<readonly { state: AttemptState; count: number }[]> {
    const { rows } = await this.database.orm.execute<{ state: AttemptState; count: number }>(sql`
      SELECT state, sum(count)::int AS count FROM (
        SELECT s.state, 0 AS count FROM unnest(${sql.param([...UNSETTLED])}::text[]) AS s (state)
        UNION ALL SELECT state, count(*) FROM payment_attempts
          WHERE is_under_way GROUP BY state
        UNION ALL SELECT state, count(*) FROM payment_attempts WHERE is_in_review GROUP BY state) AS counts
      GROUP BY state`);
    return rows;
  }

  private select(condition: ReturnType<typeof and>) {
    return this.database.orm
      .select({
        attempt: paymentAttempts,
        position: sql<string>`to_char(${paymentAttempts.updatedAt} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
        orderState: orders.state,
      })
      .from(paymentAttempts)
      .leftJoin(orders, eq(orders.id, paymentAttempts.orderId))
      .where(condition);
  }
}

export type PaymentRow = NonNullable<Awaited<ReturnType<PaymentsRepository['find']>>>;

// How often codes were used. The row of a code in discount_usage_counts is locked from counting to commit, so the last use
// of a limited code is given once, whatever runs at the same time.
import { Inject, Injectable } from '@nestjs/common';
import { asc, inArray, sql } from 'drizzle-orm';
import { ADVISORY_LOCKS } from '../platform/database/advisory-locks.js';
import { Database, type Executor, type Tx } from '../platform/database/database.js';
import { discountUsageCounts, discountUsages } from './discounts.schema.js';

interface UsedCode {
  readonly orderId: string;
  readonly code: string;
}

export interface UsageRow extends UsedCode {
  readonly ruleSetVersion: number;
  readonly amountMinor: number;
  readonly currency: string;
}

@Injectable()
export class DiscountUsagesRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /**
   * Begins to count codes that get their first limit, earlier uses included. It waits for the orders that are being placed,
   * so that none of their uses is missed. Bounded by the size of a rule set.
   */
  async startCounting(tx: Tx, codes: readonly string[]): Promise<void> {
    const counted = await this.read(tx, codes, false);
    const added = codes.filter((code) => !counted.has(code));
    if (added.length === 0) return;
    await tx.execute(sql`SELECT pg_advisory_xact_lock(${ADVISORY_LOCKS.discountUsages})`);
    await tx.execute(sql`
      INSERT INTO discount_usage_counts (code, used)
      SELECT code, (SELECT count(*) FROM discount_usages u WHERE u.code = added.code)
      FROM unnest(${sql.param(added)}::text[]) AS added (code) ON CONFLICT DO NOTHING`);
  }

  /** How often each counted code was used; codes without a limit in any version are absent. */
  async counts(codes: readonly string[], executor: Executor = this.database.orm): Promise<Map<string, number>> {
    return this.read(executor, codes, false);
  }

  /** As `counts`, holding the codes until the transaction ends; in one order, so that two orders cannot deadlock. */
  async lockCounts(tx: Tx, codes: readonly string[]): Promise<Map<string, number>> {
    // A separate statement, since one does not see what was committed while it waited.
    await tx.execute(sql`SELECT pg_advisory_xact_lock_shared(${ADVISORY_LOCKS.discountUsages})`);
    return this.read(tx, codes, true);
  }

  /** Which uses the orders have recorded already. */
  async recorded(tx: Tx, uses: readonly UsedCode[]): Promise<(use: UsedCode) => boolean> {
    const rows = await tx
      .select({ orderId: discountUsages.orderId, code: discountUsages.code })
      .from(discountUsages)
      .where(
        inArray(
          discountUsages.orderId,
          uses.map(({ orderId }) => orderId),
        ),
      );
    const known = new Set(rows.map(nameOf));
    return (use) => known.has(nameOf(use));
  }

  async insert(tx: Tx, rows: readonly UsageRow[]): Promise<void> {
    if (rows.length === 0) return;
    await tx.insert(discountUsages).values([...rows]);
    await tx.execute(sql`
      UPDATE discount_usage_counts c SET used = used + u.times
      FROM (SELECT code, count(*) AS times FROM unnest(${sql.param(rows.map(({ code }) => code))}::text[]) AS r (code) GROUP BY code) u
      WHERE c.code = u.code`);
  }

  /** Takes back what an order used: a limited code can be used once more. Repeating it changes nothing. */
  async remove(tx: Tx, orderId: string): Promise<void> {
    await tx.execute(sql`
      WITH removed AS (DELETE FROM discount_usages WHERE order_id = ${orderId} RETURNING code),
      locked AS (SELECT code FROM discount_usage_counts WHERE code IN (SELECT code FROM removed) ORDER BY code FOR UPDATE)
      UPDATE discount_usage_counts SET used = used - 1 WHERE code IN (SELECT code FROM locked)`);
  }

  private async read(executor: Executor, codes: readonly string[], lock: boolean): Promise<Map<string, number>> {
    if (codes.length === 0) return new Map();
    const query = executor
      .select()
      .from(discountUsageCounts)
      .where(inArray(discountUsageCounts.code, [...codes]))
      .orderBy(asc(discountUsageCounts.code));
    const rows = await (lock ? query.for('update') : query);
    return new Map(rows.map((row) => [row.code, row.used]));
  }
}

const nameOf = ({ orderId, code }: UsedCode): string => `${orderId} ${code}`;

import { Inject, Injectable } from '@nestjs/common';
import { and, desc, eq, lt, sql } from 'drizzle-orm';
import { z } from 'zod';
import { Database, type Executor, type Tx } from '../platform/database/database.js';
import { Statement } from '../platform/database/statement.js';
import { discountState, ruleSets } from './discounts.schema.js';
import { type DiscountRule, discountRules, type RuleSet } from './rule-set.js';

const document = z.object({ discounts: discountRules });

/** The rule set under edit; `revision` grows with every change of it. */
export interface Draft {
  readonly revision: number;
  readonly updatedAt: Date;
  readonly discounts: readonly DiscountRule[];
  readonly activeVersion: number;
}

export interface PublishedVersion {
  readonly version: number;
  readonly publishedAt: Date;
  readonly discountCount: number;
}

const activeVersion = new Statement<{ version: number }>(
  'discounts_active_version',
  'SELECT active_version AS version FROM discount_state LIMIT 1',
);

@Injectable()
export class RuleSetsRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** @param lock waits for other changes, and blocks them until the transaction ends. */
  async draft(executor: Executor = this.database.orm, lock = false): Promise<Draft> {
    const query = executor.select().from(discountState).limit(1);
    const [row] = await (lock ? query.for('update') : query);
    if (!row) throw new Error('the row of discount_state is gone');
    const { discounts } = document.parse(row.draft);
    return { revision: row.draftRevision, updatedAt: row.draftUpdatedAt, discounts, activeVersion: row.activeVersion };
  }

  /** @returns false when `expectedRevision` is given and is not the draft's. */
  async replaceDraft(discounts: readonly DiscountRule[], expectedRevision: number | undefined): Promise<boolean> {
    const changed = await this.database.orm
      .update(discountState)
      .set({ draft: { discounts }, draftRevision: sql`draft_revision + 1`, draftUpdatedAt: sql`now()` })
      .where(expectedRevision === undefined ? undefined : eq(discountState.draftRevision, expectedRevision))
      .returning({ revision: discountState.draftRevision });
    return changed.length > 0;
  }

  /** Stores the next version. The caller holds the lock of `draft(tx, true)`, so versions have no gaps. */
  async insertNext(tx: Tx, discounts: readonly DiscountRule[]): Promise<number> {
    const [row] = await tx
      .insert(ruleSets)
      .values({ version: sql`(SELECT max(version) + 1 FROM discount_rule_sets)`, document: { discounts } })
      .returning({ version: ruleSets.version });
    if (!row) throw new Error('the rule set was not stored');
    return row.version;
  }

  async setActive(tx: Tx, version: number): Promise<void> {
    await tx.update(discountState).set({ activeVersion: version });
  }

  async activeVersion(executor: Executor = this.database.orm): Promise<number> {
    const [row] = await activeVersion.rows(executor, []);
    if (!row) throw new Error('the row of discount_state is gone');
    return row.version;
  }

  async find(version: number, executor: Executor = this.database.orm): Promise<RuleSet | undefined> {
    const [row] = await executor.select().from(ruleSets).where(eq(ruleSets.version, version)).limit(1);
    return row && { version, ...document.parse(row.document) };
  }

  /** Newest first, at most `limit` of those before version `before`. */
  async list(limit: number, before: number | undefined): Promise<PublishedVersion[]> {
    return this.database.orm
      .select({
        version: ruleSets.version,
        publishedAt: ruleSets.publishedAt,
        discountCount: sql<number>`jsonb_array_length(${ruleSets.document} -> 'discounts')`,
      })
      .from(ruleSets)
      .where(and(before === undefined ? undefined : lt(ruleSets.version, before)))
      .orderBy(desc(ruleSets.version))
      .limit(limit);
  }
}

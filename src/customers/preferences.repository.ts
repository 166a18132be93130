import { Inject, Injectable } from '@nestjs/common';
import { eq, type SQL, sql } from 'drizzle-orm';
import type { FoldedDocument, VersionedDocument } from '../cache/index.js';
import { Database, type Executor, type Tx } from '../platform/database/database.js';
import { customerPreferences } from './customers.schema.js';
import { type Preferences, preferences } from './preferences.js';

/** Preferences as folded into PostgreSQL. */
@Injectable()
export class PreferencesRepository {
  private readonly byId;

  constructor(@Inject(Database) private readonly database: Database) {
    this.byId = database.orm
      .select({ version: customerPreferences.version, document: customerPreferences.document })
      .from(customerPreferences)
      .where(eq(customerPreferences.customerId, sql.placeholder('id')))
      .prepare('customer_preferences_by_id');
  }

  async load(customerId: string): Promise<VersionedDocument<Preferences> | undefined> {
    const [row] = await this.byId.execute({ id: customerId });
    return row && { version: row.version, document: preferences.parse(row.document) };
  }

  async fold(batch: readonly FoldedDocument<Preferences>[]): Promise<void> {
    await this.write(this.database.orm, batch, sql`${customerPreferences.version} < excluded.version`);
  }

  /** @returns whether the row had the expected version; 0: there was none */
  async replace(tx: Tx, next: FoldedDocument<Preferences>, expectedVersion: number): Promise<boolean> {
    return (await this.write(tx, [next], eq(customerPreferences.version, expectedVersion))) === 1;
  }

  private async write(executor: Executor, batch: readonly FoldedDocument<Preferences>[], when: SQL) {
    // In one order, so that two workers that fold the same rows do not deadlock.
    const rows = batch
      .map(({ id, version, document }) => ({ customerId: id, version, document }))
      .sort((a, b) => (a.customerId < b.customerId ? -1 : 1));
    const result = await executor
      .insert(customerPreferences)
      .values(rows)
      .onConflictDoUpdate({
        target: customerPreferences.customerId,
        set: { version: sql`excluded.version`, document: sql`excluded.document`, updatedAt: sql`now()` },
        setWhere: when,
      });
    return result.rowCount;
  }
}

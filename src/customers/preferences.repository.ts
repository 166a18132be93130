import { Inject, Injectable } from '@nestjs/common';
import { eq, sql } from 'drizzle-orm';
import type { FoldedDocument, VersionedDocument } from '../cache/index.js';
import { Database } from '../platform/database/database.js';
import { customerPreferences } from './customers.schema.js';
import { type Preferences, preferences } from './preferences.js';

/** Preferences as far as they were folded. */
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
    // In one order, so that two workers that fold the same rows do not lock each other out.
    const rows = batch
      .map(({ id, version, document }) => ({ customerId: id, version, document }))
      .sort((a, b) => (a.customerId < b.customerId ? -1 : 1));
    await this.database.orm
      .insert(customerPreferences)
      .values(rows)
      .onConflictDoUpdate({
        target: customerPreferences.customerId,
        set: { version: sql`excluded.version`, document: sql`excluded.document`, updatedAt: sql`now()` },
        setWhere: sql`${customerPreferences.version} < excluded.version`,
      });
  }
}

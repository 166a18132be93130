import { sql } from 'drizzle-orm';
import type { Database } from '../../platform/database/database.js';
import type { CategoryName } from '../cache-policy.js';
import { cacheControls } from './cache-controls.schema.js';
import type { ControlsChange } from './category-controls.js';

export type ControlsRow = typeof cacheControls.$inferSelect;

export class CacheControlsRepository {
  private readonly allRows;

  constructor(private readonly database: Database) {
    this.allRows = database.orm.select().from(cacheControls).limit(1_000).prepare('cache_controls_all');
  }

  all(): Promise<ControlsRow[]> {
    return this.allRows.execute();
  }

  /** Changes only the given controls, in one statement: two operators at once do not undo each other. */
  async change(category: CategoryName, change: ControlsChange): Promise<ControlsRow> {
    const [row] = await this.database.orm
      .insert(cacheControls)
      .values({ category, ...change })
      .onConflictDoUpdate({ target: cacheControls.category, set: { ...change, changedAt: sql`clock_timestamp()` } })
      .returning();
    if (!row) throw new Error('the controls were not stored');
    return row;
  }
}

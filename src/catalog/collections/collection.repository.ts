import { Inject, Injectable } from '@nestjs/common';
import { sql } from 'drizzle-orm';
import { Database } from '../../platform/database/database.js';
import { collections } from '../catalog.schema.js';

export type CollectionRow = typeof collections.$inferSelect;

const sortedBy = sql<string>`left(lower(title), 64) COLLATE "C"`;

@Injectable()
export class CollectionRepository {
  private readonly byHandles;

  constructor(@Inject(Database) private readonly database: Database) {
    this.byHandles = database.orm
      .select()
      .from(collections)
      .where(sql`${collections.handle} = ANY(${sql.placeholder('handles')}::text[])`)
      .prepare('catalog_collections_by_handles');
  }

  findByHandles(handles: readonly string[]): Promise<CollectionRow[]> {
    return this.byHandles.execute({ handles });
  }

  /** Collections by title, those after the position; `sortValue` is what a cursor carries. */
  findPage(limit: number, after?: readonly [title: string, id: string]) {
    return this.database.orm
      .select({ collection: collections, sortValue: sortedBy })
      .from(collections)
      .where(after && sql`(${sortedBy}, id) > (${after[0]}::text, ${after[1]}::uuid)`)
      .orderBy(sortedBy, collections.id)
      .limit(limit);
  }
}

// What operators are shown of levels and of the ledger.
import { Inject, Injectable } from '@nestjs/common';
import { and, asc, desc, eq, lt } from 'drizzle-orm';
import { Database } from '../../platform/database/database.js';
import type { Place } from '../holds/level-in-redis.js';
import { inventoryLevels, locations, stockMovements } from '../levels/inventory.schema.js';
import type { Location } from '../locations/locations.repository.js';

/** A level as an administrator sees it. */
export type LevelDetails = typeof inventoryLevels.$inferSelect;
export type Movement = typeof stockMovements.$inferSelect;

@Injectable()
export class StockViewRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** A variant's levels, those that stock is taken from first come first; none when no stock was ever reported. */
  levels(variantId: string): Promise<{ level: LevelDetails; location: Location }[]> {
    return this.database.orm
      .select({ level: inventoryLevels, location: locations })
      .from(inventoryLevels)
      .innerJoin(locations, eq(locations.id, inventoryLevels.locationId))
      .where(eq(inventoryLevels.variantId, variantId))
      .orderBy(asc(locations.rank), asc(locations.id));
  }

  /** Movements of a level, newest first. @param beforeVersion only those that made an older version */
  movements({ variantId, locationId }: Place, limit: number, beforeVersion?: number): Promise<Movement[]> {
    return this.database.orm
      .select()
      .from(stockMovements)
      .where(
        and(
          eq(stockMovements.variantId, variantId),
          eq(stockMovements.locationId, locationId),
          beforeVersion === undefined ? undefined : lt(stockMovements.levelVersion, beforeVersion),
        ),
      )
      .orderBy(desc(stockMovements.levelVersion))
      .limit(limit);
  }
}

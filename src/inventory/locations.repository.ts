import { Inject, Injectable } from '@nestjs/common';
import { asc, eq } from 'drizzle-orm';
import { Database } from '../platform/database/database.js';
import { locations } from './inventory.schema.js';

/** Where stock lies. */
export type Location = typeof locations.$inferSelect;

@Injectable()
export class LocationsRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Active locations in the order that stock is taken from them. */
  ranked(): Promise<Location[]> {
    return this.database.orm
      .select()
      .from(locations)
      .where(eq(locations.active, true))
      .orderBy(asc(locations.rank), asc(locations.id));
  }
}

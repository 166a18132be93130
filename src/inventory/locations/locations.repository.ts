import { Inject, Injectable } from '@nestjs/common';
import { asc, eq, sql } from 'drizzle-orm';
import { Database, type Executor, type Tx } from '../../platform/database/database.js';
import { isUuid } from '../../platform/ids.js';
import { inventoryLevels, locations } from '../levels/inventory.schema.js';

/** Where stock lies. */
export type Location = typeof locations.$inferSelect;

/** The order that stock is taken in. */
const byRank = [asc(locations.rank), asc(locations.id)];

@Injectable()
export class LocationsRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Active locations in the order that stock is taken from them. */
  ranked(): Promise<Location[]> {
    return this.database.orm
      .select()
      .from(locations)
      .where(eq(locations.active, true))
      .orderBy(...byRank);
  }

  all(): Promise<Location[]> {
    return this.database.orm
      .select()
      .from(locations)
      .orderBy(...byRank);
  }

  /** @param location id or code */
  async find(location: string, executor: Executor = this.database.orm): Promise<Location | undefined> {
    const [row] = await executor.select().from(locations).where(isNamed(location));
    return row;
  }

  /** Keeps others from changing the location until the transaction ends. @param location id or code */
  async lock(tx: Tx, location: string): Promise<Location | undefined> {
    const [row] = await tx.select().from(locations).where(isNamed(location)).for('update');
    return row;
  }

  count(tx: Tx): Promise<number> {
    return tx.$count(locations);
  }

  async insert(tx: Tx, location: Location): Promise<void> {
    await tx.insert(locations).values(location);
  }

  async update(tx: Tx, id: string, changes: Partial<Omit<Location, 'id'>>): Promise<void> {
    await tx.update(locations).set(changes).where(eq(locations.id, id));
  }

  async remove(tx: Tx, id: string): Promise<void> {
    await tx.delete(locations).where(eq(locations.id, id));
  }

  /** Whether a location has levels at all, and levels that have or owe units. */
  async useOf(tx: Tx, id: string): Promise<{ levels: boolean; stock: boolean }> {
    const levels = sql`SELECT FROM ${inventoryLevels} WHERE ${inventoryLevels.locationId} = ${id}`;
    const { rows } = await tx.execute<{ levels: boolean; stock: boolean }>(sql`
      SELECT EXISTS (${levels}) AS levels,
        EXISTS (${levels} AND (${inventoryLevels.onHand} > 0 OR ${inventoryLevels.backordered} > 0)) AS stock`);
    return rows[0] ?? { levels: false, stock: false };
  }
}

const isNamed = (location: string) =>
  isUuid(location.toLowerCase()) ? eq(locations.id, location) : eq(locations.code, location);

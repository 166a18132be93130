import { Inject, Injectable } from '@nestjs/common';
import { Database, isUniqueViolation, type Tx } from '../../platform/database/database.js';
import { AppError, notFound } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import { DEFAULT_LOCATION_ID } from './locations.js';
import { type Location, LocationsRepository } from './locations.repository.js';
import { Locations } from './locations.service.js';

/** Every hold and every order looks through all active ones. */
export const MAX_LOCATIONS = 50;

export type LocationChanges = { readonly [K in Exclude<keyof Location, 'id'>]?: Location[K] | undefined };

/** Manages the locations where stock lies. */
@Injectable()
export class LocationAdministration {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(LocationsRepository) private readonly repository: LocationsRepository,
    @Inject(Locations) private readonly ranked: Locations,
  ) {}

  /** All of them; those that stock is taken from first come first. */
  list(): Promise<Location[]> {
    return this.repository.all();
  }

  /** @param location id or code @throws AppError `not_found` */
  async read(location: string): Promise<Location> {
    return requireLocation(await this.repository.find(location));
  }

  /** @throws AppError `location_code_taken`, `limit_reached` */
  create(given: Omit<Location, 'id'>): Promise<Location> {
    return this.change(async (tx) => {
      if ((await this.repository.count(tx)) >= MAX_LOCATIONS) {
        throw new AppError('limit_reached', { detail: `A shop has at most ${MAX_LOCATIONS} locations.` });
      }
      const location = { id: newId(), ...given };
      await this.repository.insert(tx, location);
      return location;
    });
  }

  /**
   * Nothing is taken from a location that is not active. One that has stock, or owes some, stays active: carry the stock
   * elsewhere first. Stock that arrives at an inactive one is kept and not sold.
   * @throws AppError `not_found`, `location_code_taken`, `location_in_use`
   */
  update(location: string, changes: LocationChanges): Promise<Location> {
    return this.change(async (tx) => {
      const before = requireLocation(await this.repository.lock(tx, location));
      if (before.active && changes.active === false) await this.requireUnused(tx, before, 'stock');
      const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
      if (Object.keys(given).length > 0) await this.repository.update(tx, before.id, given);
      return { ...before, ...given };
    });
  }

  /** Only a location that never had a level is deleted: the ledger names the others. @throws AppError `not_found`, `location_in_use` */
  async remove(location: string): Promise<void> {
    await this.change(async (tx) => {
      const { id, ...rest } = requireLocation(await this.repository.lock(tx, location));
      await this.requireUnused(tx, { id, ...rest }, 'levels');
      await this.repository.remove(tx, id);
    });
  }

  private async change<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    try {
      const answer = await this.database.transaction(work);
      await this.ranked.refresh();
      return answer;
    } catch (error) {
      if (!isUniqueViolation(error, 'locations_code_key')) throw error;
      throw new AppError('location_code_taken', { detail: 'Another location has this code. Choose another one.' });
    }
  }

  private async requireUnused(tx: Tx, { id, code }: Location, what: 'levels' | 'stock'): Promise<void> {
    if (id === DEFAULT_LOCATION_ID) {
      const detail = `${code} is the location that imports report stock of. Rank it last if it should sell last.`;
      throw new AppError('location_in_use', { detail });
    }
    const use = await this.repository.useOf(tx, id);
    if (!use[what]) return;
    throw new AppError('location_in_use', {
      detail: {
        stock: `${code} has stock or owes some. Move it to another location first.`,
        levels: `${code} has levels of variants, and the ledger names it. Deactivate it instead.`,
      }[what],
    });
  }
}

function requireLocation(location: Location | undefined): Location {
  if (!location) throw notFound('The location');
  return location;
}

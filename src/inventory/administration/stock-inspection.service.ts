import { Inject, Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { AppError, notFound } from '../../platform/errors.js';
import { decodeCursor, type Page, toPage } from '../../platform/http/page.js';
import type { LevelInRedis, Place } from '../holds/level-in-redis.js';
import { StockGate } from '../holds/stock-gate.store.js';
import type { LiveHold } from '../holds/stock-partition.store.js';
import { DEFAULT_LOCATION_ID } from '../locations/locations.js';
import type { Location } from '../locations/locations.repository.js';
import { movementCursor } from './movements.dto.js';
import { type LevelDetails, type Movement, StockViewRepository } from './stock-view.repository.js';

const MAX_HOLDS = 50;
const MAX_MOVEMENTS = 20;

/** A level as each store has it. */
export interface InspectedLevel {
  readonly location: Location;
  readonly postgres: LevelDetails;
  /** Null when it is not loaded, or Redis cannot be reached. */
  readonly redis: (LevelInRedis & { readonly held: number }) | null;
  /** All live holds counted; the ones that end first listed. */
  readonly holds: { readonly count: number; readonly quantity: number; readonly items: readonly LiveHold[] };
}

/** All that is known of one variant's stock, for people. */
export interface Inspection {
  readonly variantId: string;
  readonly sku: string | null;
  /** Those that stock is taken from first come first. */
  readonly levels: readonly InspectedLevel[];
  /** The level at the default location. */
  readonly main: InspectedLevel;
  /** Of the main level, the newest ones. */
  readonly movements: readonly Movement[];
  readonly redisReachable: boolean;
}

/** Shows people what each store has. */
@Injectable()
export class StockInspection {
  constructor(
    @Inject(StockViewRepository) private readonly view: StockViewRepository,
    @Inject(StockGate) private readonly gate: StockGate,
  ) {}

  /** One variant's stock everywhere. @throws AppError `not_found` when nobody ever reported stock of the variant */
  async inspect(variantId: string): Promise<Inspection> {
    const [rows, movements] = await Promise.all([
      this.view.levels(variantId),
      this.view.movements({ variantId, locationId: DEFAULT_LOCATION_ID }, MAX_MOVEMENTS),
    ]);
    const inRedis = await this.inRedis(rows.map(({ level }) => level));
    const levels = rows.map(({ level, location }, i) => {
      const { redis = null, holds = { count: 0, quantity: 0, items: [] } } = inRedis?.[i] ?? {};
      return { location, postgres: level, redis, holds };
    });
    const main = levels.find(({ location }) => location.id === DEFAULT_LOCATION_ID);
    if (!main) throw notFound('A stock level of this variant');
    return { variantId, sku: main.postgres.sku, levels, main, movements, redisReachable: inRedis !== undefined };
  }

  /** The ledger of one level, newest first. */
  async history(
    place: Place,
    { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<Page<Movement>> {
    const [before]: z.infer<typeof movementCursor> | [] = cursor ? decodeCursor(cursor, movementCursor) : [];
    const rows = await this.view.movements(place, limit + 1, before);
    return toPage(
      rows,
      limit,
      (row) => row,
      (row) => [row.levelVersion],
    );
  }

  /** @returns undefined when Redis cannot be reached */
  private async inRedis(places: readonly Place[]) {
    try {
      // First the script, which drops expired holds, then the lists of those left.
      const read = places.length > 0 ? await this.gate.readLevels(places) : [];
      const holds = await Promise.all(places.map((place) => this.gate.holdsOf(place, MAX_HOLDS)));
      return read.map(({ level, held }, i) => ({
        redis: level ? { ...level, held } : null,
        holds: { ...(holds[i] ?? { count: 0, items: [] }), quantity: held },
      }));
    } catch (error) {
      if (error instanceof AppError && error.code === 'unavailable') return undefined;
      throw error;
    }
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { AppError, notFound } from '../platform/errors.js';
import type { LevelDetails, Movement } from './levels.repository.js';
import { LevelsRepository } from './levels.repository.js';
import { DEFAULT_LOCATION_ID } from './locations.js';
import { type LevelInRedis, type LiveHold, StockGate } from './stock-gate.store.js';

const MAX_HOLDS = 50;
const MAX_MOVEMENTS = 20;

/** One variant's stock at the default location, as each store has it. */
export interface Inspection {
  readonly variantId: string;
  readonly sku: string | null;
  readonly locationId: string;
  readonly postgres: LevelDetails;
  /** Null when it is not loaded, or Redis cannot be reached. */
  readonly redis: (LevelInRedis & { readonly held: number }) | null;
  readonly redisReachable: boolean;
  /** All live holds counted; the ones that end first listed. */
  readonly holds: { readonly count: number; readonly quantity: number; readonly items: readonly LiveHold[] };
  /** The newest ones. */
  readonly movements: readonly Movement[];
}

@Injectable()
export class StockInspection {
  constructor(
    @Inject(LevelsRepository) private readonly levels: LevelsRepository,
    @Inject(StockGate) private readonly gate: StockGate,
  ) {}

  /** @throws AppError `not_found` when nobody ever reported stock of the variant */
  async inspect(variantId: string): Promise<Inspection> {
    const place = { variantId, locationId: DEFAULT_LOCATION_ID };
    const [postgres, movements, inRedis] = await Promise.all([
      this.levels.details(variantId, DEFAULT_LOCATION_ID),
      this.levels.movements(variantId, DEFAULT_LOCATION_ID, MAX_MOVEMENTS),
      this.inRedis(place),
    ]);
    if (!postgres) throw notFound('A stock level of this variant');
    return { ...place, sku: postgres.sku, postgres, ...inRedis, movements };
  }

  private async inRedis(place: { variantId: string; locationId: string }) {
    try {
      // First the script that drops what has expired, then the list of what has not.
      const [read] = await this.gate.readLevels([place]);
      const holds = await this.gate.holdsOf(place, MAX_HOLDS);
      const held = read?.held ?? 0;
      const redis = read?.level ? { ...read.level, held } : null;
      return { redisReachable: true, redis, holds: { ...holds, quantity: held } };
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'unavailable')) throw error;
      return { redisReachable: false, redis: null, holds: { count: 0, quantity: 0, items: [] } };
    }
  }
}

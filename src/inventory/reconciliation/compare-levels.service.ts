// Compares every level that Redis has with PostgreSQL and repairs what differs. Levels that Redis does not have, or has
// from an older epoch, are no differences: they are loaded when somebody asks for them.
import { Inject, Injectable } from '@nestjs/common';
import { InventoryEpoch } from '../epoch/inventory-epoch.service.js';
import { type LevelInRedis, limitCodeOf, policyCodeOf } from '../holds/level-in-redis.js';
import { StockGate } from '../holds/stock-gate.store.js';
import { LevelMirror } from '../levels/level-mirror.service.js';
import { LevelsRepository } from '../levels/levels.repository.js';
import type { StockLevel } from '../levels/stock-level.js';
import { InventoryMetrics } from '../metrics/inventory-metrics.js';

const MAX_REPORTED = 1_000;

/** A level that differed between the stores; quantities in units, versions within one epoch. */
export interface Difference {
  readonly variantId: string;
  readonly locationId: string;
  /** `behind`: Redis had not heard of the newest change. `wrong`: it had what PostgreSQL never said. */
  readonly kind: 'behind' | 'wrong';
  readonly postgres: { readonly onHand: number; readonly version: number };
  readonly redis: { readonly onHand: number; readonly version: number };
}

export interface LevelTally {
  /** Levels in PostgreSQL. */
  checked: number;
  /** How many of them Redis does not have now. */
  notLoaded: number;
  /** All differences; each was repaired. */
  differing: number;
  /** The first thousand. */
  readonly differences: Difference[];
  /** Whether the epoch went up, because a store had something `wrong`. */
  epochRaised: boolean;
}

@Injectable()
export class CompareLevels {
  constructor(
    @Inject(LevelsRepository) private readonly levels: LevelsRepository,
    @Inject(StockGate) private readonly gate: StockGate,
    @Inject(LevelMirror) private readonly mirror: LevelMirror,
    @Inject(InventoryEpoch) private readonly epoch: InventoryEpoch,
    @Inject(InventoryMetrics) private readonly metrics: InventoryMetrics,
  ) {}

  async comparePage(levels: readonly StockLevel[], tally: LevelTally): Promise<void> {
    const epoch = await this.epoch.current();
    const inRedis = await this.gate.readLevels(levels);
    const found: Difference[] = [];
    levels.forEach((level, i) => {
      const redis = inRedis[i]?.level;
      tally.checked += 1;
      if (redis?.epoch !== epoch) tally.notLoaded += 1;
      else if (redis.version < level.version) found.push(difference(level, redis, 'behind'));
      else if (redis.version > level.version || !isSame(level, redis)) found.push(difference(level, redis, 'wrong'));
    });
    const confirmed = await this.confirm(found);
    if (confirmed.length > 0) await this.repair(confirmed, tally);
  }

  /** A level newer in Redis may have been committed after the page was read: then PostgreSQL has it by now. */
  private async confirm(found: readonly Difference[]): Promise<Difference[]> {
    const ahead = found.filter(({ postgres, redis }) => redis.version > postgres.version);
    if (ahead.length === 0) return [...found];
    const { levels } = await this.levels.ofVariants(ahead.map(({ variantId }) => variantId));
    const now = new Map(levels.map((level) => [`${level.variantId}:${level.locationId}`, level]));
    return found.filter(({ variantId, locationId, postgres, redis }) => {
      if (redis.version <= postgres.version) return true;
      const level = now.get(`${variantId}:${locationId}`);
      return (
        !level || level.version < redis.version || (level.version === redis.version && level.onHand !== redis.onHand)
      );
    });
  }

  private async repair(confirmed: readonly Difference[], tally: LevelTally): Promise<void> {
    if (confirmed.some(({ kind }) => kind === 'wrong')) {
      // No newer version will ever correct a wrong one, so everything that Redis has is made void.
      await this.epoch.verify((await this.epoch.current()) + 1);
      tally.epochRaised = true;
    }
    await this.mirror.refresh(confirmed.map(({ variantId }) => variantId));
    for (const { kind } of confirmed) this.metrics.differences.inc({ kind });
    tally.differing += confirmed.length;
    tally.differences.push(...confirmed.slice(0, MAX_REPORTED - tally.differences.length));
  }
}

const isSame = (level: StockLevel, redis: LevelInRedis) =>
  level.onHand === redis.onHand &&
  // Redis may have the level without this field.
  (redis.sellable === null || level.sellable === redis.sellable) &&
  policyCodeOf(level) === redis.policy &&
  limitCodeOf(level) === redis.limit &&
  level.lowStockThreshold === redis.lowStockThreshold;

function difference(
  { variantId, locationId, onHand, version }: StockLevel,
  redis: { readonly onHand: number; readonly version: number },
  kind: Difference['kind'],
): Difference {
  return {
    variantId,
    locationId,
    kind,
    postgres: { onHand, version },
    redis: { onHand: redis.onHand, version: redis.version },
  };
}

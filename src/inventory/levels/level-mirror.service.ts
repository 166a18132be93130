import { Inject, Injectable } from '@nestjs/common';
import { unavailable } from '../../platform/errors.js';
import { InventoryEpoch } from '../epoch/inventory-epoch.service.js';
import type { LevelInRedis } from '../holds/level-in-redis.js';
import { StockGate } from '../holds/stock-gate.store.js';
import { Locations } from '../locations/locations.service.js';
import type { CountedStock } from './availability.policy.js';
import { LevelsRepository } from './levels.repository.js';
import type { LevelSnapshot, StockLevel } from './stock-level.js';

/** Each further round means that Redis lost its state in between; after so many in a row something else is wrong. */
const ATTEMPTS = 5;
const LOAD_BATCH = 500;
const READ_BATCH = 100;

/** A script's answer: levels of these variants are not in Redis. */
interface Cold {
  readonly kind: 'cold';
  readonly variantIds: readonly string[];
}

/** A script's answer: Redis is at another epoch than the caller. */
interface Stale {
  readonly kind: 'stale_epoch';
  readonly epoch: number;
}

/** Nobody ever reported stock of these variants: there is nothing to load. */
interface Unstocked {
  readonly kind: 'unstocked';
  readonly variantIds: readonly string[];
}

interface Reply {
  readonly kind: string;
}

/** Keeps levels in Redis as PostgreSQL has them: loads those that are missing and updates those that have changed. */
@Injectable()
export class LevelMirror {
  private waiting = new Set<string>();
  private nextRun: Promise<ReadonlySet<string>> | undefined;
  private running: Promise<unknown> = Promise.resolve();

  constructor(
    @Inject(LevelsRepository) private readonly levels: LevelsRepository,
    @Inject(StockGate) private readonly gate: StockGate,
    @Inject(InventoryEpoch) private readonly epoch: InventoryEpoch,
    @Inject(Locations) private readonly locations: Locations,
  ) {}

  /**
   * Runs a script until the levels that it needs are loaded; nothing is guessed in between.
   * @throws AppError `unavailable` after a bounded number of rounds
   */
  async untilLoaded<R extends Reply>(
    run: (epoch: number) => Promise<R | Cold | Stale>,
  ): Promise<Exclude<R, Cold | Stale> | Unstocked> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const reply = await this.untilSameEpoch<R | Cold>(run);
      if (!isCold(reply)) return reply as Exclude<R, Cold | Stale>;
      const loaded = await this.refresh(reply.variantIds);
      const unstocked = reply.variantIds.filter((id) => !loaded.has(id));
      if (unstocked.length > 0) return { kind: 'unstocked', variantIds: unstocked };
    }
    throw unavailable('The store of stock holds');
  }

  /** Runs a script until Redis and this process are at the same epoch. */
  async untilSameEpoch<R extends Reply>(run: (epoch: number) => Promise<R | Stale>): Promise<Exclude<R, Stale>> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const reply = await run(await this.epoch.current());
      if (!isStale(reply)) return reply as Exclude<R, Stale>;
      await this.epoch.verify(reply.epoch);
    }
    throw unavailable('The store of stock holds');
  }

  /**
   * Does work of several scripts; all of it again each time that Redis had begun anew meanwhile, since what the first of them
   * wrote is lost then.
   * @param isOver whether a result counts whatever has become of Redis
   */
  async inOneEpoch<R>(work: () => Promise<R>, isOver: (result: R) => boolean): Promise<R> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const epoch = await this.epoch.current();
      const result = await work();
      if (isOver(result) || (await this.epoch.current()) === epoch) return result;
    }
    throw unavailable('The store of stock holds');
  }

  /** Stock at each location as Redis has it, with what is held of it; loaded first where it is missing. */
  async read(variantIds: readonly string[]): Promise<Map<string, CountedStock[]>> {
    const stock = new Map<string, CountedStock[]>();
    let missing = variantIds;
    for (let attempt = 0; attempt < ATTEMPTS && missing.length > 0; attempt++) {
      const epoch = await this.epoch.current();
      const { cold, newestEpoch } = await this.readInto(stock, missing, epoch);
      if (cold.length === 0) return stock;
      if (newestEpoch > epoch) {
        await this.epoch.verify(newestEpoch);
        continue;
      }
      const loaded = await this.refresh(cold);
      missing = cold.filter((id) => loaded.has(id));
    }
    if (missing.length > 0) throw unavailable('The store of stock holds');
    return stock;
  }

  /**
   * Brings Redis up to the present levels of these variants. Calls that come while another is under way are answered
   * together by one statement after it, so a hot variant that went cold is read once and not once for each shopper.
   * @returns the variants that have a level
   */
  refresh(variantIds: readonly string[]): Promise<ReadonlySet<string>> {
    for (const id of variantIds) this.waiting.add(id);
    if (!this.nextRun) {
      const run = () => {
        const ids = [...this.waiting];
        this.waiting = new Set();
        this.nextRun = undefined;
        return this.load(ids);
      };
      this.nextRun = this.running.then(run);
      this.running = this.nextRun.catch(() => {});
    }
    return this.nextRun;
  }

  private async readInto(stock: Map<string, CountedStock[]>, variantIds: readonly string[], epoch: number) {
    const cold: string[] = [];
    let newestEpoch = 0;
    const locationIds = this.locationIds();
    for (const batch of batchesOf(variantIds, READ_BATCH)) {
      const replies = await this.gate.readLevels(
        batch.flatMap((variantId) => locationIds.map((locationId) => ({ variantId, locationId }))),
      );
      batch.forEach((variantId, i) => {
        const found = replies.slice(i * locationIds.length, (i + 1) * locationIds.length);
        newestEpoch = Math.max(newestEpoch, ...found.map(({ level }) => level?.epoch ?? 0));
        const counted = found.flatMap(({ level, held }) => (level?.epoch === epoch ? toCounted(level, held) : []));
        if (counted.length === found.length) stock.set(variantId, counted);
        else cold.push(variantId);
      });
    }
    return { cold, newestEpoch };
  }

  private async load(variantIds: readonly string[]): Promise<ReadonlySet<string>> {
    const loaded = new Set<string>();
    for (const batch of batchesOf(variantIds, LOAD_BATCH)) {
      await this.untilSameEpoch(async () => {
        const snapshot = await this.levels.ofVariants(batch);
        for (const { variantId } of snapshot.levels) loaded.add(variantId);
        return this.gate.reconcile(withAbsentOnes(snapshot, this.locationIds()));
      });
    }
    return loaded;
  }

  private locationIds(): string[] {
    return this.locations.ranked().map(({ id }) => id);
  }
}

/**
 * Adds empty levels at the locations where a variant with levels elsewhere has none: otherwise a script that looks at all
 * locations would ask for them again and again. Version 0: whatever PostgreSQL ever says is newer.
 */
function withAbsentOnes({ epoch, levels }: LevelSnapshot, locationIds: readonly string[]): LevelSnapshot {
  if (locationIds.length < 2) return { epoch, levels };
  const present = new Set(levels.map(({ variantId, locationId }) => `${variantId}:${locationId}`));
  const variantIds = [...new Set(levels.map(({ variantId }) => variantId))];
  const absent = variantIds.flatMap((variantId) =>
    locationIds
      .filter((locationId) => !present.has(`${variantId}:${locationId}`))
      .map((locationId): StockLevel => ({ ...NOTHING, variantId, locationId, epoch })),
  );
  return { epoch, levels: [...levels, ...absent] };
}

const NOTHING = {
  onHand: 0,
  sellable: 0,
  version: 0,
  policy: 'deny',
  tracked: true,
  holdLimit: 0,
  lowStockThreshold: 0,
} as const;

const isCold = (reply: Reply): reply is Cold => reply.kind === 'cold';
const isStale = (reply: Reply): reply is Stale => reply.kind === 'stale_epoch';

function toCounted({ onHand, sellable, policy, limit, lowStockThreshold }: LevelInRedis, held: number): CountedStock {
  return {
    onHand,
    sellable,
    held,
    tracked: policy !== 'u',
    holdLimit: typeof limit === 'number' ? limit : null,
    lowStockThreshold,
  };
}

function* batchesOf<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

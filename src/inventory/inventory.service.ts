import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../platform/config.js';
import type { Tx } from '../platform/database/database.js';
import { AllocationsRepository } from './allocation/allocations.repository.js';
import { type StockLine, toHoldLines } from './holds/hold-lines.js';
import { Holds } from './holds/holds.service.js';
import type {
  AllocateResult,
  CommitResult,
  ExtendResult,
  ReleaseResult,
  ReserveResult,
  RestockedLine,
} from './holds/stock-outcomes.js';
import { type Availability, availabilityOf } from './levels/availability.policy.js';
import { tellLevelChanges } from './levels/level-changes.js';
import { LevelsRepository } from './levels/levels.repository.js';
import type { StockLevel } from './levels/stock-level.js';

/** An order and what it takes. */
export interface OrderLines {
  readonly orderId: string;
  readonly lines: readonly StockLine[];
}

/** Most variants whose availability is asked for at once. */
export const MAX_AVAILABILITY_VARIANTS = 2_048;

/**
 * Stock is held in Redis, fast, and sold by PostgreSQL only. A hold keeps others from buying while a customer pays; it may
 * be lost with Redis. `allocate` takes the stock, and it alone decides.
 *
 * Lines may repeat a variant; at most 100 different ones. Hold ids are UUIDs that are never reused. While Redis is away, a
 * limited number of holds at a time goes to PostgreSQL (AppError `unavailable` beyond that).
 */
@Injectable()
export class InventoryService {
  constructor(
    @Inject(Holds) private readonly holds: Holds,
    @Inject(LevelsRepository) private readonly levels: LevelsRepository,
    @Inject(AllocationsRepository) private readonly allocations: AllocationsRepository,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Sets stock aside, all lines or none. A hold may be asked for again with the same lines; a refused one only while the
   * stock is one partition.
   */
  async reserve(hold: {
    readonly holdId: string;
    readonly lines: readonly StockLine[];
    readonly ttlMs: number;
  }): Promise<ReserveResult> {
    return this.holds.reserve(hold.holdId, toHoldLines(hold.lines), hold.ttlMs);
  }

  /**
   * Lets a hold live for `ttlMs` from now, but for no longer than `maxTotalMs` since it was taken; never shortens it.
   * With the lines, a hold that has lapsed or was lost with Redis is taken again, whole or not at all.
   */
  async extend(
    holdId: string,
    options: { readonly ttlMs: number; readonly maxTotalMs: number; readonly lines: readonly StockLine[] },
  ): Promise<ExtendResult> {
    return this.holds.extend(holdId, toHoldLines(options.lines), options);
  }

  /** Gives a hold back. An unknown one is marked as released: a reserve that arrives late finds it resolved. */
  release(holdId: string, lines: readonly StockLine[], reason: string): Promise<ReleaseResult> {
    return this.holds.release(holdId, toHoldLines(lines), reason);
  }

  /**
   * Takes stock for orders, in the caller's transaction: all lines of all orders or none; the levels stay locked until it
   * ends. Orders are served in the order given. Untracked variants take none; a backorder takes what is there, and the
   * ledger keeps how many are owed. PostgreSQL only. When a call for several orders is short, ask for each alone: nothing
   * here guesses which of them get the rest.
   */
  allocate(tx: Tx, orders: readonly OrderLines[]): Promise<AllocateResult> {
    return this.allocations.allocate(
      tx,
      orders.map(({ orderId, lines }) => ({ orderId, lines: toHoldLines(lines) })),
    );
  }

  /**
   * Gives back what an order took, in the caller's transaction, and lets Redis follow after it. What comes back serves owed
   * units first; the rest is on hand again. Lines are totals: how many units of a variant the order has given back so far,
   * with this call. So a repeated call changes nothing, and a second partial return names the sum of both. No more comes
   * back than the order took; without lines all of it does.
   * @returns what came back by this call
   */
  async restock(tx: Tx, orderId: string, lines?: readonly StockLine[]): Promise<readonly RestockedLine[]> {
    const restocked = await this.allocations.restock(tx, orderId, lines && toHoldLines(lines));
    await tellLevelChanges(tx, [...new Set(variantsOf(restocked))]);
    return restocked;
  }

  /**
   * After the order's transaction: drops its hold and brings Redis to the levels that `allocate` returned. May be repeated,
   * and called in any order.
   */
  async commit(
    holdId: string,
    orderId: string,
    lines: readonly StockLine[],
    levels: readonly StockLevel[],
  ): Promise<CommitResult> {
    return this.holds.commit(holdId, orderId, toHoldLines(lines), levels);
  }

  /** The same as `commit` from the two ids alone, for a message that may come late and more than once. */
  async commitOrder(orderId: string, holdId: string): Promise<void> {
    await this.holds.commitOrder(orderId, holdId);
  }

  /** The present levels, from PostgreSQL. A variant whose stock was never reported has none. */
  async levelsOf(variantIds: readonly string[]): Promise<readonly StockLevel[]> {
    return (await this.levels.ofVariants(variantIds)).levels;
  }

  /**
   * What can be bought now, in the order asked for: from Redis, or from PostgreSQL while Redis is away.
   * @throws RangeError for more than 2,048 variants
   */
  async availability(variantIds: readonly string[]): Promise<Availability[]> {
    if (variantIds.length > MAX_AVAILABILITY_VARIANTS) {
      throw new RangeError(`Availability is asked for at most ${MAX_AVAILABILITY_VARIANTS} variants.`);
    }
    const ids = variantIds.map((id) => id.toLowerCase());
    const stock = await this.holds.counted([...new Set(ids)]);
    return ids.map((id) => availabilityOf(id, stock.get(id) ?? [], this.config.LOW_STOCK_THRESHOLD));
  }
}

const variantsOf = (lines: readonly { readonly variantId: string }[]) => lines.map((line) => line.variantId);

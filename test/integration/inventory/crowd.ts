// Many buyers at once over real stores: carts of 1 to 5 lines in random order, some given back, some left to expire, the
// others bought. Afterwards nothing may be sold that was not there, and at rest the stores must agree.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { AppError } from '../../../src/platform/errors.js';
import { eventually } from '../../support/eventually.js';
import type { Random } from '../../support/random.js';
import type { StockProcess } from './stock-process.js';

const VARIANTS = 50;
const ON_HAND = 30;
const TTL_MS = 2_000;
const REST_MS = 20_000;

interface Line {
  readonly variantId: string;
  readonly quantity: number;
}

/** What buyers were told: bought, given back, left to expire, short, or that the shop is busy. */
export type Outcomes = Record<'bought' | 'givenBack' | 'left' | 'short' | 'busy', number>;

export class Crowd {
  private readonly variantIds = Array.from({ length: VARIANTS }, () => randomUUID());
  private readonly sold = new Map<string, number>();
  readonly outcomes: Outcomes = { bought: 0, givenBack: 0, left: 0, short: 0, busy: 0 };

  constructor(
    private readonly processes: readonly [StockProcess, ...StockProcess[]],
    private readonly random: Random,
  ) {}

  async stock(): Promise<void> {
    const [{ intake, database }] = this.processes;
    const rows = this.variantIds.map((variantId) => ({
      ...{ variantId, sku: null, onHand: ON_HAND, policy: 'deny' as const, tracked: true },
    }));
    await database.transaction((tx) => intake.receive(tx, rows, 'delivery'));
  }

  /** So many buyers, who come within the time. */
  async buy(buyers: number, withinMs: number): Promise<void> {
    const plans = Array.from({ length: buyers }, () => ({
      waitMs: this.random.integer(0, withinMs),
      process: this.random.pick(this.processes),
      lines: this.cart(),
      does: this.random.integer(0, 9),
    }));
    await Promise.all(
      plans.map(async ({ waitMs, process, lines, does }) => {
        await sleep(waitMs);
        const outcome = await this.buyer(process, lines, does).catch(whenBusy);
        this.outcomes[outcome] += 1;
      }),
    );
  }

  /** Invariants 7 and 8. */
  async comeToRest(): Promise<void> {
    const [{ database, inventory, reconciliation }] = this.processes;
    const { rows } = await database.pool.query<{ variant_id: string; on_hand: number; ledger: number; taken: number }>(
      `SELECT l.variant_id, l.on_hand, sum(m.quantity)::int AS ledger,
         -coalesce(sum(m.quantity) FILTER (WHERE m.kind = 'allocation'), 0)::int AS taken
       FROM inventory_levels l JOIN stock_movements m USING (variant_id, location_id)
       WHERE l.variant_id = ANY ($1::uuid[]) GROUP BY l.variant_id, l.on_hand`,
      [this.variantIds],
    );
    expect(rows).toHaveLength(VARIANTS);
    for (const { variant_id: variantId, on_hand: onHand, ledger, taken } of rows) {
      expect(onHand).toBe(ledger);
      expect(onHand).toBeGreaterThanOrEqual(0);
      expect(taken).toBe(this.sold.get(variantId) ?? 0);
    }
    const onHandOf = new Map(rows.map((row) => [row.variant_id, row.on_hand]));
    await eventually(async () => {
      await reconciliation.reconcile();
      for (const { variantId, available } of await inventory.availability(this.variantIds)) {
        expect(available).toBe(onHandOf.get(variantId));
      }
    }, REST_MS);
    expect(await reconciliation.reconcile()).toMatchObject({ differing: 0 });
  }

  private cart(): Line[] {
    const chosen = this.random.shuffle(this.variantIds).slice(0, this.random.integer(1, 5));
    return chosen.map((variantId) => ({ variantId, quantity: this.random.integer(1, 3) }));
  }

  private async buyer(process: StockProcess, lines: readonly Line[], does: number): Promise<keyof Outcomes> {
    const { inventory } = process;
    const holdId = randomUUID();
    const leaves = does === 0;
    const reserved = await inventory.reserve({ holdId, lines, ttlMs: leaves ? 20 : TTL_MS });
    if (reserved.kind !== 'reserved') return 'short';
    if (leaves) return 'left';
    if (does <= 2) {
      await inventory.release(holdId, lines, 'changed their mind');
      return 'givenBack';
    }
    if (does <= 5) {
      const extended = await inventory.extend(holdId, { lines, ttlMs: TTL_MS, maxTotalMs: 2 * TTL_MS });
      if (extended.kind === 'expired') return 'short';
    }
    return (await this.order(process, holdId, lines)) ? 'bought' : 'short';
  }

  private async order({ database, inventory }: StockProcess, holdId: string, lines: readonly Line[]): Promise<boolean> {
    const orderId = randomUUID();
    const allocated = await database.transaction((tx) => inventory.allocate(tx, [{ orderId, lines }]));
    if (allocated.kind === 'short') {
      await inventory.release(holdId, lines, 'short');
      return false;
    }
    for (const { variantId, quantity } of lines) {
      this.sold.set(variantId, (this.sold.get(variantId) ?? 0) + quantity);
    }
    await inventory.commitOrder(orderId, holdId);
    return true;
  }
}

/** Beyond what PostgreSQL takes while Redis is away: asking again later is right. Any other error is one. */
function whenBusy(error: unknown): 'busy' {
  if (error instanceof AppError && error.code === 'unavailable') return 'busy';
  throw error;
}

// Stock for batches of orders in one statement, against a model that takes it order by order.
import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { OrderLines, StockLevel } from '../../../src/inventory/index.js';
import { MicroBatch } from '../../../src/platform/micro-batch.js';
import { createRandom, runSeed } from '../../support/random.js';
import { ShadowShelves, type Shelf, type ShelfLine, type ShelfMovement } from './shadow-shelves.js';
import { shop, useStockProcess } from './stock-rig.js';
import { stockTools } from './stock-tools.js';

const VARIANTS = 3;
const LOCATIONS = 3;

useStockProcess();
const { query, stocked, row, receive } = stockTools(() => shop);

interface Order {
  readonly id: string;
  readonly lines: readonly ShelfLine[];
}

class Short extends Error {
  constructor(readonly lines: readonly { variantId: string; requested: number; available: number }[]) {
    super('short');
  }
}

/** Real levels, and what the model says of them. */
class Shelves {
  readonly variantIds = Array.from({ length: VARIANTS }, () => randomUUID());
  /** Ids are in no order of rank. */
  readonly locationIds = Array.from({ length: LOCATIONS }, () => randomUUID());
  readonly model: ShadowShelves;

  constructor(shelves: readonly Shelf[]) {
    this.model = new ShadowShelves(structuredClone([...shelves]).sort((a, b) => a.location - b.location));
  }

  async store(): Promise<void> {
    await query('TRUNCATE inventory_levels, stock_movements');
    await query('UPDATE locations SET active = false');
    for (const [rank, id] of this.locationIds.entries()) {
      await query('INSERT INTO locations (id, code, name, rank) VALUES ($1, $2, $2, $3)', [id, `l${id}`, rank]);
    }
    await this.storeWhereNothingIsSold();
    for (const shelf of this.model.shelves) {
      const { onHand, safetyStock, policy, backorderLimit, tracked } = shelf;
      await query(
        `INSERT INTO inventory_levels (variant_id, location_id, on_hand, safety_stock, policy, backorder_limit, tracked)
         VALUES ($1, $2, $3, $4, $5, $6, $7)`,
        [...this.idsOf(shelf), onHand, safetyStock, policy, backorderLimit, tracked],
      );
    }
  }

  private async storeWhereNothingIsSold(): Promise<void> {
    const id = randomUUID();
    await query(`INSERT INTO locations (id, code, name, rank, active) VALUES ($1, $2, $2, -1, false)`, [id, `l${id}`]);
    await query('INSERT INTO inventory_levels (variant_id, location_id, on_hand) SELECT unnest($1::uuid[]), $2, 9', [
      this.variantIds,
      id,
    ]);
  }

  /** @throws Short */
  take(orders: readonly Order[]): Promise<readonly StockLevel[]> {
    return shop.database.transaction(async (tx) => {
      const demands = orders.map(({ id, lines }) => ({
        orderId: id,
        lines: lines.map(({ variant, quantity }) => ({ variantId: this.variantIds[variant]!, quantity })),
      }));
      const result = await shop.inventory.allocate(tx, demands);
      if (result.kind === 'short') throw new Short(result.lines);
      return result.levels;
    });
  }

  /** What the model has done already; the levels answered must be the model's. */
  async allocate(orders: readonly Order[]): Promise<void> {
    for (const { variantId, locationId, onHand, version } of await this.take(orders)) {
      const shelf = this.model.shelves.find((one) => this.idsOf(one).join() === [variantId, locationId].join());
      expect({ onHand, version }).toEqual({ onHand: shelf?.onHand, version: shelf?.version });
    }
  }

  async check(): Promise<void> {
    const levels = await query(
      `SELECT variant_id, location_id, on_hand, backordered, version::int FROM inventory_levels
       WHERE location_id = ANY ($1)`,
      [this.locationIds],
    );
    expect(byText(levels)).toEqual(
      byText(
        this.model.shelves.map((shelf) => {
          const [variant_id, location_id] = this.idsOf(shelf);
          return {
            variant_id,
            location_id,
            on_hand: shelf.onHand,
            backordered: shelf.backordered,
            version: shelf.version,
          };
        }),
      ),
    );
    const movements = await query(
      'SELECT order_id, variant_id, location_id, -quantity AS taken, backordered AS owed, level_version::int AS version FROM stock_movements',
    );
    expect(byText(movements)).toEqual(
      byText(
        this.model.movements.map(({ order, variant, location, taken, owed, version }) => {
          const [variant_id, location_id] = this.idsOf({ variant, location });
          return { order_id: order, variant_id, location_id, taken, owed, version };
        }),
      ),
    );
  }

  private idsOf({ variant, location }: { variant: number; location: number }): [string, string] {
    return [this.variantIds[variant]!, this.locationIds[location]!];
  }
}

const byText = (rows: readonly object[]) => rows.map((one) => JSON.stringify(one)).sort();

const units = fc.integer({ min: 0, max: 12 });
const shelf = fc.record({
  variant: fc.nat(VARIANTS - 1),
  location: fc.nat(LOCATIONS - 1),
  onHand: units,
  safetyStock: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: units }),
  policy: fc.constantFrom('deny' as const, 'deny' as const, 'backorder' as const),
  backorderLimit: fc.option(units),
  tracked: fc.oneof({ weight: 8, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  backordered: fc.constant(0),
  version: fc.constant(1),
});
const shelves = fc.uniqueArray(shelf, {
  minLength: 3,
  maxLength: VARIANTS * LOCATIONS,
  selector: ({ variant, location }) => `${variant} ${location}`,
});
const line = fc.record({ variant: fc.nat(VARIANTS - 1), quantity: fc.integer({ min: 1, max: 6 }) });
const lines = fc.uniqueArray(line, { minLength: 1, maxLength: VARIANTS, selector: ({ variant }) => variant });
const batches = fc.array(
  fc.record({ orders: fc.array(lines, { minLength: 1, maxLength: 8 }), repeated: fc.option(fc.nat()) }),
  { minLength: 1, maxLength: 5 },
);

test('a batch gives each order what orders one after another would get; a short one gives nobody anything', async () => {
  const property = fc.asyncProperty(shelves, batches, async (given, chosen) => {
    const real = new Shelves(given);
    await real.store();
    for (const { orders: wanted, repeated } of chosen) {
      const orders = wanted.map((some) => ({ id: randomUUID(), lines: some }));
      const { movements } = real.model;
      if (repeated !== null && movements.length > 0) await repeat(real, movements[repeated % movements.length]!);
      if (real.model.allocate(orders)) {
        await real.allocate(orders);
      } else {
        await expect(real.allocate(orders)).rejects.toThrow(Short);
        await real.check();
        for (const order of orders) await allocateAlone(real, order);
      }
      await real.check();
    }
  });
  await fc.assert(property, { seed: runSeed, numRuns: 60 });
});

async function allocateAlone(real: Shelves, order: Order): Promise<void> {
  const short = order.lines
    .map(({ variant, quantity }) => ({
      variantId: real.variantIds[variant]!,
      requested: quantity,
      available: real.model.available(variant),
    }))
    .filter(({ requested, available }) => available < requested);
  expect(real.model.allocate([order])).toBe(short.length === 0);
  const answer = await real.allocate([order]).then(
    () => [],
    (error: unknown) => (error as Short).lines,
  );
  expect(byText(answer)).toEqual(byText(short));
}

/** An order that has taken a variant takes none of it again, wherever there is some now. */
async function repeat(real: Shelves, { order, variant }: ShelfMovement): Promise<void> {
  const again = { id: order, lines: [{ variant, quantity: 1 }] };
  const isServed = await real.take([again]).then(
    () => true,
    () => false,
  );
  const before = real.model.movements.length;
  // What is there now is counted by nobody.
  if (isServed) expect([real.model.allocate([again]), real.model.movements.length]).toEqual([true, before]);
  await real.check();
}

test('two that place in batches and others that write alone: no deadlock, nothing oversold, one movement for each version', async () => {
  const random = createRandom('batches and others');
  await query('UPDATE locations SET active = true');
  const variantIds = await Promise.all(Array.from({ length: 8 }, () => stocked(60)));
  const someLines = () =>
    random
      .shuffle(variantIds)
      .slice(0, random.integer(1, 4))
      .map((variantId) => ({ variantId, quantity: random.integer(1, 3) }));
  const allocate = (orders: readonly OrderLines[]) =>
    shop.database.transaction(async (tx) => {
      const result = await shop.inventory.allocate(tx, orders);
      if (result.kind === 'short') throw new Short(result.lines);
    });
  /** Anything that is no shortage, like a deadlock, fails the test. */
  const isServed = (orders: readonly OrderLines[]) =>
    allocate(orders).then(
      () => true,
      (error: unknown) => {
        if (error instanceof Short) return false;
        throw error;
      },
    );
  const batcher = () =>
    new MicroBatch<OrderLines, boolean>(
      async (orders) => {
        if (await isServed(orders)) return orders.map(() => true);
        const alone: boolean[] = [];
        for (const order of orders) alone.push(await isServed([order]));
        return alone;
      },
      { maxItems: 16, maxInFlight: 2 },
    );
  const batchers = [batcher(), batcher()];
  const buyers = Array.from({ length: 200 }, async () => {
    const order = { orderId: randomUUID(), lines: someLines() };
    const served = random.chance(0.2) ? await isServed([order]) : await random.pick(batchers).add(order);
    return served ? order.lines : [];
  });
  const others = variantIds.map(async (variantId) => {
    await receive(...random.shuffle(variantIds).map((id) => row({ variantId: id, onHand: undefined })));
    await shop.administration.adjust({ variant: { variantId }, change: { delta: 1 }, reason: 'found one' });
  });
  const sold = (await Promise.all(buyers)).flat();
  await Promise.all(others);
  for (const variantId of variantIds) {
    const units = sold.filter((one) => one.variantId === variantId).reduce((sum, one) => sum + one.quantity, 0);
    const movements = await query(
      'SELECT quantity, level_version::int AS version FROM stock_movements WHERE variant_id = $1 ORDER BY level_version',
      [variantId],
    );
    const [level] = await query('SELECT on_hand, version::int FROM inventory_levels WHERE variant_id = $1', [
      variantId,
    ]);
    expect(level).toEqual({ on_hand: 61 - units, version: movements.length });
    expect(movements.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(level.on_hand);
    expect(movements.map(({ version }) => version)).toEqual(movements.map((_, i) => i + 1));
  }
});

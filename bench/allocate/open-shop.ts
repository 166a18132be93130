// The compiled application in this process, wired by itself, and what the suite asks of it.
import { readFile } from 'node:fs/promises';
import type { NewOrderWithLines } from '../../src/checkout/orders/orders.repository.js';
import type { Quote } from '../../src/checkout/session/checkout-session.js';
import * as built from './built.ts';
import { address, customerEmail } from './buyer.ts';
import { type PaidCheckout, writePaidCheckouts } from './paid-checkouts.ts';

/** The limits of placing orders. */
const LIMITS = { maxItems: 64, maxInFlight: 2 };

type Database = InstanceType<typeof built.Database>;
type App = Awaited<ReturnType<typeof built.createApp>>;

const partOf = <T>(app: App, token: abstract new (...args: never[]) => T): T => app.get(token, { strict: false });

export async function openShop() {
  const config = built.loadConfig(process.env);
  const app = await built.createApp(config);
  const database = partOf(app, built.Database);
  const placing = partOf(app, built.PlaceOrder);
  for (const file of ['stocked-shop.sql', 'placed-order.sql', 'written-order.sql']) {
    await database.pool.query(await readFile(new URL(file, import.meta.url), 'utf8'));
  }
  const batches = orderBatches(app, database);
  const quotes = await quotesOfAll(app, database, config);
  const quoteOf = (variantId: string): Quote => {
    const quote = quotes.get(variantId);
    if (!quote) throw new Error(`There is no quote for ${variantId}.`);
    return quote;
  };

  return {
    variantIds: [...quotes.keys()],

    /** Stock, order, line and event, in a batch. */
    async allocateOrder(variantId: string): Promise<void> {
      await batches.add(toOrder(quoteOf(variantId)));
    },

    /** Writes the same rows by one call of written-order.sql. */
    async allocateByFunction(variantId: string): Promise<void> {
      const { order, lines } = toOrder(quoteOf(variantId));
      const { rows } = await database.pool.query<{ written: boolean }>({
        name: 'bench_write_order',
        text: 'SELECT bench_write_order($1, $2) AS written',
        values: [JSON.stringify(order), JSON.stringify(lines[0])],
      });
      if (!rows[0]?.written) throw new Error('The function did not write an order.');
    },

    payCheckouts: (variantIds: readonly string[]): Promise<PaidCheckout[]> =>
      writePaidCheckouts(database, variantIds.map(quoteOf)),

    /** Everything that placing an order does after a payment. */
    async placeOrder(checkout: PaidCheckout): Promise<void> {
      const { kind } = await placing.place(checkout);
      if (kind !== 'placed') throw new Error(`An order was not placed: ${kind}.`);
    },

    /** Writes the same rows by one call of placed-order.sql. */
    async placeByFunction({ id, fence, agreement }: PaidCheckout): Promise<void> {
      const { rows } = await database.pool.query<{ placed: boolean }>({
        name: 'bench_place_order',
        text: 'SELECT bench_place_order($1, $2, $3) AS placed',
        values: [id, fence, JSON.stringify(agreement)],
      });
      if (!rows[0]?.placed) throw new Error('The function did not place an order.');
    },
  };
}

/** Stock, order, line and event of the orders that come together, in one transaction. */
function orderBatches(app: App, database: Database) {
  const inventory = partOf(app, built.InventoryService);
  const orders = partOf(app, built.OrdersRepository);
  return new built.MicroBatch<NewOrderWithLines, true>(
    (placed) =>
      database.transaction(async (tx) => {
        const { numbers } = await orders.takeNumbers(tx, placed.length);
        const numbered = placed.map(({ order, lines }, place) => ({
          order: { ...order, number: numbers[place] ?? 0 },
          lines,
        }));
        const [, , { kind }] = await built.together([
          orders.insert(tx, numbered),
          built.appendToOutbox(
            tx,
            placed.map(({ order: { id, checkoutId, cartId } }) => ({
              event: 'order.placed',
              payload: { orderId: id, attemptId: id, checkoutId, cartId },
            })),
          ),
          inventory.allocate(
            tx,
            placed.map(({ order, lines }) => ({ orderId: order.id, lines })),
          ),
        ]);
        if (kind === 'short') throw new Error('The bench has run out of stock.');
        return placed.map(() => true);
      }),
    LIMITS,
  );
}

/** A quote for one of each variant, made beforehand: pricing is no part of "stock and order"; the other side has none. */
async function quotesOfAll(app: App, database: Database, rates: ReturnType<typeof built.loadConfig>) {
  const { rows } = await database.pool.query<{ id: string }>('SELECT id FROM variants ORDER BY id');
  const variantIds = rows.map(({ id }) => id);
  const catalog = partOf(app, built.CatalogService);
  const offers = await database.transaction((tx) => catalog.offersAtOrigin(tx, variantIds));
  const sources = { offers, ruleSet: { version: 0, discounts: [] }, exhaustedCodes: [], rates, nowMs: Date.now() };
  return new Map(
    variantIds.map((variantId) => {
      const cart = { currency: 'USD', lines: [{ variantId, quantity: 1 }], discountCodes: [] };
      const quoted = built.quoteLines(cart, sources);
      if (quoted.kind !== 'quoted') throw new Error(`${variantId} is not for sale.`);
      return [variantId, quoted.quote];
    }),
  );
}

function toOrder(quote: Quote): NewOrderWithLines {
  const orderId = built.newId();
  const { lines, refusedDiscounts: _refused, ...amounts } = quote;
  const order = {
    ...amounts,
    id: orderId,
    number: 0,
    checkoutId: built.newSecretId(),
    cartId: built.newSecretId(),
    customerId: null,
    email: customerEmail,
    state: 'placed' as const,
    taxInclusive: false,
    shippingMethodId: null,
    shippingAddress: address,
    billingAddress: null,
    accessTokenHash: Buffer.alloc(32),
  };
  return { order, lines: lines.map((line, position) => ({ ...line, orderId, position })) };
}

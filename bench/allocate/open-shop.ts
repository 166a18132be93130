// The compiled application in this process, wired by itself, and what the suite asks of it.
import { readFile } from 'node:fs/promises';
import type { NewOrderWithLines } from '../../src/checkout/orders/orders.repository.js';
import type { Attempt } from '../../src/checkout/payments/attempt.js';
import type { Quote } from '../../src/checkout/session/checkout-session.js';

const built = <T>(file: string): Promise<T> => import(new URL(`../../dist/${file}`, import.meta.url).href);

const { createApp } = await built<typeof import('../../src/create-app.js')>('create-app.js');
const { loadConfig } = await built<typeof import('../../src/platform/load-config.js')>('platform/load-config.js');
const { Database } = await built<typeof import('../../src/platform/database/database.js')>(
  'platform/database/database.js',
);
const { newId, newSecretId } = await built<typeof import('../../src/platform/ids.js')>('platform/ids.js');
const { MicroBatch } = await built<typeof import('../../src/platform/micro-batch.js')>('platform/micro-batch.js');
const { together } = await built<typeof import('../../src/platform/database/together.js')>(
  'platform/database/together.js',
);
const { appendToOutbox } =
  await built<typeof import('../../src/platform/outbox/outbox.js')>('platform/outbox/outbox.js');
const { CatalogService } = await built<typeof import('../../src/catalog/index.js')>('catalog/index.js');
const { InventoryService } = await built<typeof import('../../src/inventory/index.js')>('inventory/index.js');
const { OrdersRepository } = await built<typeof import('../../src/checkout/orders/orders.repository.js')>(
  'checkout/orders/orders.repository.js',
);
const { PlaceOrder } = await built<typeof import('../../src/checkout/placing/place-order.js')>(
  'checkout/placing/place-order.js',
);
const { quoteLines } = await built<typeof import('../../src/checkout/session/quote-lines.js')>(
  'checkout/session/quote-lines.js',
);

/** The same as orders are placed with. */
const LIMITS = { maxItems: 64, maxInFlight: 2 };
const address = { name: 'Ada Lovelace', line1: '12 St James Square', city: 'London', country: 'GB' };

/** A checkout whose payment is authorized. */
export type PaidCheckout = Attempt;

export async function openShop() {
  const config = loadConfig(process.env);
  const app = await createApp(config);
  const part = <T>(token: abstract new (...args: never[]) => T): T => app.get(token, { strict: false });
  const database = part(Database);
  const inventory = part(InventoryService);
  const orders = part(OrdersRepository);
  const placing = part(PlaceOrder);
  for (const file of ['stocked-shop.sql', 'placed-order.sql', 'written-order.sql']) {
    await database.pool.query(await readFile(new URL(file, import.meta.url), 'utf8'));
  }
  const { rows } = await database.pool.query<{ id: string }>('SELECT id FROM variants ORDER BY id');
  const variantIds = rows.map(({ id }) => id);
  const offers = await database.transaction((tx) => part(CatalogService).offersAtOrigin(tx, variantIds));

  const batches = new MicroBatch<NewOrderWithLines, true>(
    (placed) =>
      database.transaction(async (tx) => {
        const { numbers } = await orders.takeNumbers(tx, placed.length);
        const numbered = placed.map(({ order, lines }, place) => ({
          order: { ...order, number: numbers[place] ?? 0 },
          lines,
        }));
        const [, , { kind }] = await together([
          orders.insert(tx, numbered),
          appendToOutbox(
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

  const quoteFor = (variantId: string): Quote => {
    const cart = { currency: 'USD', lines: [{ variantId, quantity: 1 }], discountCodes: [] };
    const ruleSet = { version: 0, discounts: [] };
    const quoted = quoteLines(cart, { offers, ruleSet, exhaustedCodes: [], rates: config, nowMs: Date.now() });
    if (quoted.kind !== 'quoted') throw new Error(`${variantId} is not for sale.`);
    return quoted.quote;
  };
  // Pricing is no part of "stock and order": the other side does none.
  const quotes = new Map(variantIds.map((variantId) => [variantId, quoteFor(variantId)]));
  const quoteOf = (variantId: string): Quote => {
    const quote = quotes.get(variantId);
    if (!quote) throw new Error(`There is no quote for ${variantId}.`);
    return quote;
  };

  /** What a round before has left: in a shop, recovery would have ended it. */
  const forgetUnplaced = async () => {
    await database.pool.query(`DELETE FROM payment_attempts WHERE state = 'authorized'`);
    await database.pool.query(`DELETE FROM checkout_sessions WHERE state = 'paying'`);
    await database.pool.query(`DELETE FROM idempotency_keys WHERE scope = 'bench' AND status IS NULL`);
    await database.pool.query('VACUUM ANALYZE payment_attempts, checkout_sessions, idempotency_keys');
  };

  return {
    variantIds,

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

    /** Writes what a request leaves behind that has begun to pay and whose payment is authorized. */
    async payCheckouts(wanted: readonly string[]): Promise<PaidCheckout[]> {
      const attempts = wanted.map((variantId) => toAttempt(quoteOf(variantId)));
      await forgetUnplaced();
      await database.pool.query(
        `WITH given AS (SELECT * FROM json_to_recordset($1) AS g (id uuid, "checkoutId" uuid, "cartId" uuid, "orderId" uuid,
             "amountMinor" bigint, agreement jsonb, session jsonb)),
           attempts AS (
             INSERT INTO payment_attempts (id, checkout_id, cart_id, order_id, provider, amount_minor, currency, state,
               agreement, idempotency_scope, idempotency_key)
             SELECT id, "checkoutId", "cartId", "orderId", 'test', "amountMinor", 'USD', 'authorized', agreement, 'bench',
               id::text FROM given),
           keys AS (
             INSERT INTO idempotency_keys (scope, key, request_hash) SELECT 'bench', id::text, '' FROM given)
         INSERT INTO checkout_sessions (id, version, state, cart_id, document)
         SELECT "checkoutId", 3, 'paying', "cartId", session FROM given`,
        [JSON.stringify(attempts.map((attempt) => ({ ...attempt, session: toSession(attempt) })))],
      );
      return attempts;
    },

    /** All that placing an order is, as after a payment. */
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

function toAttempt(quote: Quote): Attempt {
  const id = newId();
  return {
    id,
    checkoutId: newSecretId(),
    cartId: newSecretId(),
    orderId: newId(),
    provider: 'test',
    amountMinor: quote.totalMinor,
    currency: quote.currency,
    state: 'authorized',
    fence: 1,
    agreement: { email: 'ada@example.com', discountCodes: [], shippingAddress: address, quote },
    idempotencyScope: 'bench',
    idempotencyKey: id,
  };
}

function toSession({ id: attemptId, checkoutId: id, cartId, agreement }: Attempt) {
  return { id, version: 3, state: 'paying', cartId, ...agreement, holdExpiresAtMs: Date.now(), attemptId };
}

function toOrder(quote: Quote): NewOrderWithLines {
  const orderId = newId();
  const { lines, refusedDiscounts: _refused, ...amounts } = quote;
  const order = {
    ...amounts,
    id: orderId,
    number: 0,
    checkoutId: newSecretId(),
    cartId: newSecretId(),
    customerId: null,
    email: 'ada@example.com',
    state: 'placed' as const,
    taxInclusive: false,
    shippingMethodId: null,
    shippingAddress: address,
    billingAddress: null,
    accessTokenHash: Buffer.alloc(32),
  };
  return { order, lines: lines.map((line, position) => ({ ...line, orderId, position })) };
}

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { CacheModule } from '../../src/cache/cache.module.js';
import { WriteBehind } from '../../src/cache/index.js';
import { CartStore } from '../../src/cart/cart.store.js';
import { CartModule, CartService } from '../../src/cart/index.js';
import { InventoryModule } from '../../src/inventory/index.js';
import { Database } from '../../src/platform/database/database.js';
import { OutboxRelay } from '../../src/platform/outbox/outbox-relay.js';
import { RedisLayers } from '../../src/platform/redis/redis-layers.js';
import { eventually } from '../support/eventually.js';
import type { HttpClient, HttpRequest } from '../support/http-client.js';
import { type ModuleApp, startModules } from '../support/module-app.js';
import { startRedisLayers, type TestRedisLayers } from '../support/redis-servers.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

interface Line {
  lineId: string;
  variantId: string;
  quantity: number;
  state: string;
}
interface CartBody {
  id: string;
  version: number;
  lines: Line[];
  discounts: unknown[];
  refusedDiscounts: { code: string; reason: string }[];
  totals: Record<'subtotal' | 'discount' | 'tax' | 'total', { amount: number; currency: string }>;
}

let database: TestDatabase;
let redis: TestRedisLayers;
let shop: ModuleApp;
let other: ModuleApp;
let db: Database;
let carts: CartService;
let store: CartStore;
/** Sold in dollars and euros; the first costs 10.00, the second 11.00 and so on. */
let variants: string[];
let dollarsOnly: string;
let withoutPrice: string;
let draft: string;

beforeAll(async () => {
  [database, redis] = await Promise.all([createTestDatabase(), startRedisLayers()]);
  const modules = [CacheModule.forRoot(), InventoryModule, CartModule];
  const env = { AUTH_SECRET: 'the same secret in both processes of this test', TAX_RATE_BASIS_POINTS: '1000' };
  shop = await startModules(modules, { database, redis }, env);
  other = await startModules(modules, { database, redis }, env);
  db = shop.app.get(Database);
  carts = shop.app.get(CartService, { strict: false });
  store = shop.app.get(CartStore, { strict: false });
  variants = [];
  for (let n = 0; n < 12; n++) variants.push(await sell(1_000 + 100 * n, 900 + 100 * n));
  dollarsOnly = await sell(500);
  withoutPrice = await sell();
  draft = await sell(500, 500, 'draft');
});

afterAll(async () => {
  await Promise.all([shop?.close(), other?.close()]);
  await Promise.all([redis?.remove(), database?.drop()]);
});

async function sell(dollars?: number, euros?: number, status = 'published'): Promise<string> {
  const [product, variant] = [randomUUID(), randomUUID()];
  await db.pool.query("INSERT INTO products (id, handle, title, status, search) VALUES ($1, $2, 'Shirt', $3, '')", [
    product,
    product,
    status,
  ]);
  await db.pool.query(
    "INSERT INTO variants (id, product_id, position, title, sku, option_values) VALUES ($1, $2, 1, 'M', $3, '{M}')",
    [variant, product, `SKU-${variant}`],
  );
  for (const [currency, amount] of Object.entries({ USD: dollars, EUR: euros })) {
    if (amount !== undefined) {
      await db.pool.query('INSERT INTO variant_prices (variant_id, currency, amount_minor) VALUES ($1, $2, $3)', [
        variant,
        currency,
        amount,
      ]);
    }
  }
  return variant;
}

const variant = (n: number): string => variants[n] as string;
const line = (n: number, quantity = 1) => ({ variantId: variant(n), quantity });
const quantities = (cart: { lines: readonly Omit<Line, 'state'>[] }) =>
  Object.fromEntries(cart.lines.map((one) => [variants.indexOf(one.variantId), one.quantity]));

async function newCart(http: HttpClient, ...lines: object[]): Promise<CartBody> {
  const answer = await http.post<CartBody>('/v1/carts', { lines });
  expect(answer.status).toBe(201);
  return answer.body;
}

const read = async (http: HttpClient, id: string) => (await http.get<CartBody>(`/v1/carts/${id}`)).body;
const add = (http: HttpClient, id: string, body: unknown, request?: HttpRequest) =>
  http.post<CartBody>(`/v1/carts/${id}/lines`, body, request);
const merge = (http: HttpClient, into: string, fromCartId: string) =>
  http.post<CartBody>(`/v1/carts/${into}/merge`, { fromCartId });
const current = async (http: HttpClient) => (await http.get<CartBody>('/v1/customers/me/cart')).body;

interface TestCustomer {
  http: HttpClient;
  id: string;
  login(cartId?: string): Promise<{ status: number; body: unknown }>;
}

async function newCustomer(): Promise<TestCustomer> {
  const account = { email: `${randomUUID()}@example.com`, password: 'correct horse' };
  const { body } = await shop.http.post<{ id: string }>('/v1/customers', account);
  const login = (cartId?: string) =>
    shop.http.post<{ accessToken: string }>('/v1/customers/login', { ...account, ...(cartId && { cartId }) });
  const http = shop.http.with({ authorization: `Bearer ${(await login()).body.accessToken}` });
  return { http, id: body.id, login };
}

/** Waits until PostgreSQL has everything; the other process may be folding a part of it. */
const flushWrites = () =>
  eventually(async () => expect(await shop.app.get(WriteBehind, { strict: false }).flush()).toBe(0));

describe('a guest', () => {
  test('makes a cart, changes it and sees what it costs', async () => {
    const made = await shop.http.post<CartBody>('/v1/carts', { lines: [line(0, 2), line(1), line(0)] });
    expect(made.status).toBe(201);
    expect(made.headers.get('etag')).toBe('"1"');
    expect(made.headers.get('cache-control')).toBe('private, no-store');
    expect(made.body).toMatchObject({
      version: 1,
      state: 'open',
      currency: 'USD',
      lines: [
        {
          quantity: 3,
          state: 'offered',
          title: 'Shirt, M',
          sku: `SKU-${variant(0)}`,
          unitPrice: { amount: 1_000, currency: 'USD' },
          total: { amount: 3_300, currency: 'USD' },
        },
        { quantity: 1 },
      ],
      totals: { subtotal: { amount: 4_100 }, discount: { amount: 0 }, tax: { amount: 410 }, total: { amount: 4_510 } },
    });
    expect(made.body.totals).not.toHaveProperty('shipping');

    const path = `/v1/carts/${made.body.id}`;
    const [first, second] = made.body.lines as [Line, Line];
    const patched = await shop.http.patch<CartBody>(`${path}/lines/${first.lineId}`, { quantity: 1 });
    expect(patched).toMatchObject({ status: 200, body: { version: 2, totals: { subtotal: { amount: 2_100 } } } });
    expect(patched.headers.get('etag')).toBe('"2"');
    const removed = await shop.http.delete<CartBody>(`${path}/lines/${second.lineId}`);
    expect(quantities(removed.body)).toEqual({ 0: 1 });
    expect((await shop.http.delete(`${path}/lines/${second.lineId}`)).status).toBe(404);
    expect(await read(other.http, made.body.id.toUpperCase())).toEqual(removed.body);
  });

  test('pays in a currency of the shop in which the things are sold', async () => {
    const euros = await shop.http.post<CartBody>('/v1/carts', { currency: 'EUR', lines: [line(0)] });
    expect(euros.body.totals.subtotal).toEqual({ amount: 900, currency: 'EUR' });
    const answers = [
      [await shop.http.post('/v1/carts', { currency: 'CHF' }), 'currency'],
      [
        await shop.http.post('/v1/carts', {
          currency: 'EUR',
          lines: [line(0), { variantId: dollarsOnly, quantity: 1 }],
        }),
        'lines.1.variantId',
      ],
      [await add(shop.http, euros.body.id, { variantId: dollarsOnly, quantity: 1 }), 'variantId'],
    ] as const;
    for (const [answer, field] of answers) {
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ field, code: 'currency_not_sold' }] } });
    }
    const priceless = await add(shop.http, euros.body.id, { variantId: withoutPrice, quantity: 1 });
    expect(priceless).toMatchObject({ status: 400, body: { errors: [{ field: 'variantId', code: 'no_price' }] } });
  });

  test('enters discount codes: those that apply and those that do not, with the reason', async () => {
    const rule = { title: 'Ten percent', value: { kind: 'percentage', basisPoints: 1_000 } };
    const dear = { ...rule, code: 'DEAR', minSubtotals: [{ amount: 999_999, currency: 'USD' }] };
    await shop.admin.put('/v1/admin/discounts', { discounts: [{ ...rule, code: 'TEN' }, dear] });
    await shop.admin.post('/v1/admin/discounts/publish');
    const { id } = await newCart(shop.http, line(0));
    const answer = await shop.http.put<CartBody>(`/v1/carts/${id}/discount-codes`, { codes: ['ten', 'Dear', 'none'] });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        discountCodes: ['TEN', 'DEAR', 'NONE'],
        discounts: [{ code: 'TEN', title: 'Ten percent', amount: { amount: 100, currency: 'USD' } }],
        totals: { discount: { amount: 100 }, tax: { amount: 90 }, total: { amount: 990 } },
      },
    });
    expect(answer.body.refusedDiscounts).toMatchObject([
      { code: 'DEAR', reason: 'minimum_not_met' },
      { code: 'NONE', reason: 'unknown_code' },
    ]);
    // Another process shows the next version within the bound of the cache.
    await shop.admin.put('/v1/admin/discounts', { discounts: [] });
    await shop.admin.post('/v1/admin/discounts/publish');
    await eventually(async () => expect((await read(other.http, id)).discounts).toEqual([]), 3_000);
  });

  test('keeps a line that is no longer sold, without a price', async () => {
    const gone = await sell(700);
    const { id } = await newCart(shop.http, line(0), { variantId: gone, quantity: 2 });
    await db.pool.query('UPDATE variants SET retired_at = now() WHERE id = $1', [gone]);
    await shop.app.get(OutboxRelay).deliverDue();
    const cart = await eventually(async () => {
      const body = await read(shop.http, id);
      expect(body.lines[1]).toMatchObject({ state: 'unavailable' });
      return body;
    });
    expect(cart.lines[1]).toMatchObject({ quantity: 2, unitPrice: null, total: null });
    expect(cart.totals.subtotal.amount).toBe(1_000);
    expect((await shop.http.delete(`/v1/carts/${id}/lines/${cart.lines[1]?.lineId}`)).status).toBe(200);
  });

  test('with If-Match changes only the version that was read', async () => {
    const { id } = await newCart(shop.http);
    const changes = (ifMatch: string) => add(shop.http, id, line(0), { headers: { 'if-match': ifMatch } });
    expect((await changes('"1"')).status).toBe(200);
    expect(await changes('"1"')).toMatchObject({ status: 412, body: { code: 'precondition_failed' } });
    expect((await changes('W/"2"')).status).toBe(412);
    expect((await changes('"1", "2"')).status).toBe(200);
    expect((await changes('*')).status).toBe(200);
    expect(await changes('3')).toMatchObject({ status: 400, body: { errors: [{ field: 'If-Match' }] } });
    const race = await Promise.all(Array.from({ length: 10 }, () => changes('"4"')));
    expect(race.map((answer) => answer.status).sort()).toEqual([200, ...Array.from({ length: 9 }, () => 412)]);
    expect(quantities(await read(shop.http, id))).toEqual({ 0: 4 });
  });
});

test('50 requests at once, through two processes, lose nothing', async () => {
  const { id } = await newCart(shop.http);
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) => add(n % 2 ? shop.http : other.http, id, line(n % 10, n + 1))),
  );
  expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 200));
  expect(new Set(answers.map((answer) => answer.body.version)).size).toBe(50);
  const cart = await read(shop.http, id);
  expect(cart.version).toBe(51);
  expect(cart.lines).toHaveLength(10);
  expect(cart.lines.reduce((sum, one) => sum + one.quantity, 0)).toBe((50 * 51) / 2);
});

describe('a customer', () => {
  test('has a cart that others do not see', async () => {
    const [one, two] = [await newCustomer(), await newCustomer()];
    const mine = await newCart(one.http, line(0));
    expect(await current(one.http)).toEqual(mine);
    const path = `/v1/carts/${mine.id}`;
    for (const http of [shop.http, two.http]) {
      const lineId = mine.lines[0]?.lineId;
      const answers = await Promise.all([
        http.get(path),
        http.post(`${path}/lines`, line(1)),
        http.patch(`${path}/lines/${lineId}`, { quantity: 5 }),
        http.delete(`${path}/lines/${lineId}`),
        http.put(`${path}/discount-codes`, { codes: [] }),
      ]);
      expect(answers.map((answer) => answer.status)).toEqual([404, 404, 404, 404, 404]);
    }
    const theirs = await current(two.http);
    expect((await merge(two.http, theirs.id, mine.id)).status).toBe(404);
    expect((await merge(two.http, mine.id, theirs.id)).status).toBe(404);
    expect((await merge(shop.http, mine.id, theirs.id)).status).toBe(401);
    expect((await two.login(mine.id)).body).toMatchObject({ cartMerged: false });
    expect(await read(one.http, mine.id)).toEqual(mine);
    expect(await current(two.http)).toEqual(theirs);
    const expired = shop.http.with({ authorization: 'Bearer no.such.token' });
    expect((await expired.get(path)).status).toBe(401);
    expect((await expired.post('/v1/carts', {})).status).toBe(401);
  });

  test('has one current cart, also when asked for ten times at once', async () => {
    const { http } = await newCustomer();
    const all = await Promise.all(Array.from({ length: 10 }, () => current(http)));
    expect(new Set(all.map((cart) => cart.id)).size).toBe(1);
    const chosen = await newCart(http, line(2));
    expect((await current(http)).id).toBe(chosen.id);
  });

  test('takes the guest cart along at login; a cart that cannot be taken does not stop the login', async () => {
    const customer = await newCustomer();
    const mine = await newCart(customer.http, line(0, 2));
    const guest = await newCart(shop.http, line(0, 3), line(1));
    expect(await customer.login(guest.id)).toMatchObject({ status: 200, body: { cartMerged: true } });
    expect(quantities(await current(customer.http))).toEqual({ 0: 5, 1: 1 });
    expect((await current(customer.http)).id).toBe(mine.id);
    expect(await customer.login(guest.id)).toMatchObject({ body: { cartMerged: true } });
    expect(await customer.login(mine.id)).toMatchObject({ body: { cartMerged: true } });
    expect(quantities(await current(customer.http))).toEqual({ 0: 5, 1: 1 });
    expect(await customer.login(randomUUID())).toMatchObject({ status: 200, body: { cartMerged: false } });
    expect((await shop.http.get(`/v1/carts/${guest.id}`)).status).toBe(404);
    expect((await add(shop.http, guest.id, line(3))).status).toBe(404);
  });
});

describe('merging', () => {
  let customer: TestCustomer;
  let target: CartBody;
  let source: CartBody;
  beforeEach(async () => {
    customer = await newCustomer();
    target = await newCart(customer.http, line(0, 1), line(1, 9_999));
    source = await newCart(shop.http, line(0, 2), line(1, 2), line(2, 3));
  });
  const merged = { 0: 3, 1: 10_000, 2: 3 };

  test('five times at once, through two processes, adds once', async () => {
    const theirs = other.http.with({ authorization: '' });
    expect((await merge(theirs, target.id, source.id)).status).toBe(401);
    const login = (await customer.login()).body as { accessToken: string };
    const elsewhere = other.http.with({ authorization: `Bearer ${login.accessToken}` });
    const answers = await Promise.all(
      Array.from({ length: 5 }, (_, n) => merge(n % 2 ? customer.http : elsewhere, target.id, source.id)),
    );
    expect(answers.map((answer) => [answer.status, quantities(answer.body)])).toEqual(answers.map(() => [200, merged]));
    expect(quantities(await read(customer.http, target.id))).toEqual(merged);
  });

  test('a crash at any write, before or after it took effect, neither loses nor doubles when it is repeated', async () => {
    for (const took of [false, true]) {
      for (let crashAt = 0, crashed = true; crashed; crashAt++) {
        expect(crashAt).toBeLessThan(10);
        const into = await newCart(customer.http, line(0, 1), line(1, 9_999));
        const from = await newCart(shop.http, line(0, 2), line(1, 2), line(2, 3));
        crashed = false;
        let writes = 0;
        const write = store.write.bind(store);
        const spy = jest.spyOn(store, 'write').mockImplementation(async (cart, next) => {
          if (writes++ !== crashAt) return write(cart, next);
          crashed = true;
          if (took) await write(cart, next);
          throw new Error('crash');
        });
        const answer = await merge(customer.http, into.id, from.id);
        spy.mockRestore();
        expect(answer.status).toBe(crashed ? 500 : 200);
        // Whoever comes first goes on with it: a reader of the source, or the client that tries again.
        if (crashAt % 2) await shop.http.get(`/v1/carts/${from.id}`);
        expect(quantities((await merge(customer.http, into.id, from.id)).body)).toEqual(merged);
        expect(quantities(await read(customer.http, into.id))).toEqual(merged);
      }
    }
  });

  test('what is put into the source meanwhile is either taken along or refused', async () => {
    const adding = Array.from({ length: 20 }, () => add(other.http, source.id, line(3)));
    const merging = merge(customer.http, target.id, source.id);
    const taken = (await Promise.all(adding)).filter((answer) => answer.status === 200).length;
    expect(quantities((await merging).body)).toEqual({ ...merged, ...(taken > 0 && { 3: taken }) });
    expect(quantities(await read(customer.http, target.id))).toEqual({ ...merged, ...(taken > 0 && { 3: taken }) });
  });

  test('a source that was sealed but not taken over is taken over when it is read', async () => {
    const sealed = await store.find(source.id);
    await store.write(sealed!, { ...sealed!, mergedInto: target.id });
    expect((await shop.http.get(`/v1/carts/${source.id}`)).status).toBe(404);
    expect(quantities(await read(customer.http, target.id))).toEqual(merged);
  });

  test('when the target was ordered in between, the lines go to the next cart', async () => {
    const sealed = await store.find(source.id);
    await store.write(sealed!, { ...sealed!, mergedInto: target.id });
    await carts.markOrdered(target.id, randomUUID());
    const answer = await merge(customer.http, target.id, source.id);
    expect(answer.status).toBe(200);
    expect(answer.body.id).not.toBe(target.id);
    expect(quantities(await current(customer.http))).toEqual({ 0: 2, 1: 2, 2: 3 });
    expect(quantities(await read(customer.http, target.id))).toEqual({ 0: 1, 1: 9_999 });
    expect((await merge(customer.http, target.id, source.id)).body.id).toBe(answer.body.id);
  });

  test('two carts of a customer into each other at once end as one', async () => {
    const second = await newCart(customer.http, line(5, 5));
    await Promise.all([merge(customer.http, target.id, second.id), merge(customer.http, second.id, target.id)]);
    await Promise.all([merge(customer.http, target.id, second.id), merge(customer.http, second.id, target.id)]);
    expect(quantities(await current(customer.http))).toEqual({ 0: 1, 1: 9_999, 5: 5 });
  });

  test('an ordered cart, itself, and one that is not there cannot be merged', async () => {
    const orderId = randomUUID();
    await carts.markOrdered(source.id, orderId);
    expect(await merge(customer.http, target.id, source.id)).toMatchObject({
      status: 409,
      body: { code: 'cart_ordered' },
    });
    expect((await merge(customer.http, target.id, target.id)).status).toBe(400);
    expect((await merge(customer.http, target.id, randomUUID())).status).toBe(404);
    expect((await merge(customer.http, source.id, target.id)).status).toBe(404);
    expect(quantities(await read(customer.http, target.id))).toEqual({ 0: 1, 1: 9_999 });
  });
});

test('an ordered cart can be read and not changed; its customer gets a new one', async () => {
  const customer = await newCustomer();
  const { id, lines } = await newCart(customer.http, line(0));
  const orderId = randomUUID();
  await Promise.all([carts.markOrdered(id, orderId), carts.markOrdered(id, orderId)]);
  await carts.markOrdered(id, randomUUID());
  await carts.markOrdered(randomUUID(), orderId);
  expect(await read(customer.http, id)).toMatchObject({ state: 'ordered', orderId, version: 2 });
  const path = `/v1/carts/${id}`;
  const answers = await Promise.all([
    customer.http.post(`${path}/lines`, line(1)),
    customer.http.patch(`${path}/lines/${lines[0]?.lineId}`, { quantity: 5 }),
    customer.http.delete(`${path}/lines/${lines[0]?.lineId}`),
    customer.http.put(`${path}/discount-codes`, { codes: [] }),
  ]);
  for (const answer of answers) expect(answer).toMatchObject({ status: 409, body: { code: 'cart_ordered', orderId } });
  expect(await current(customer.http)).toMatchObject({ lines: [], state: 'open' });
  expect(await carts.get(id, { customerId: customer.id })).toMatchObject({ id, orderId, version: 2 });
  await expect(carts.get(id)).rejects.toMatchObject({ code: 'not_found' });
});

describe('the stores behind', () => {
  test('PostgreSQL gets the newest version, and carts and preferences survive the loss of Redis', async () => {
    const customer = await newCustomer();
    const cart = await newCart(customer.http, line(0));
    const changed = await add(customer.http, cart.id, line(1, 7));
    const preferences = await customer.http.patch('/v1/customers/me/preferences', { locale: 'de-AT', extra: { a: 1 } });
    await flushWrites();
    const { rows } = await db.pool.query('SELECT version, customer_id, document FROM carts WHERE id = $1', [cart.id]);
    expect(rows).toMatchObject([
      { version: '2', customer_id: customer.id, document: { lines: [{}, { quantity: 7 }] } },
    ]);
    await shop.app.get(RedisLayers).client('session').flushall();
    expect(await read(customer.http, cart.id)).toEqual(changed.body);
    expect(await current(customer.http)).toEqual(changed.body);
    expect((await customer.http.get('/v1/customers/me/preferences')).body).toEqual(preferences.body);
    await shop.app.get(RedisLayers).client('session').flushall();
    const answers = await Promise.all([1, 2, 3].map((n) => add(customer.http, cart.id, line(1 + n))));
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
    // Redis has lost its memory: the numbers go on above all that it may have given out.
    expect((await read(customer.http, cart.id)).version).toBeGreaterThan(1_000_000_000);
    await customer.http.patch('/v1/customers/me/preferences', { extra: { a: null, b: 2 } });
    await flushWrites();
    const after = await db.pool.query('SELECT version, document FROM customer_preferences WHERE customer_id = $1', [
      customer.id,
    ]);
    expect(after.rows).toMatchObject([{ document: { locale: 'de-AT', extra: { b: 2 } } }]);
  });

  test('an old version never replaces a newer one', async () => {
    const { id } = await newCart(shop.http, line(0));
    const { version } = (await add(shop.http, id, line(1))).body;
    await flushWrites();
    const { CartsRepository } = await import('../../src/cart/carts.repository.js');
    const cart = await store.find(id);
    await shop.app
      .get(CartsRepository, { strict: false })
      .foldCarts([{ id, version: 1, document: { ...cart!, lines: [] } }]);
    const { rows } = await db.pool.query('SELECT version, document FROM carts WHERE id = $1', [id]);
    expect(rows).toMatchObject([{ version: String(version), document: { lines: [{}, {}] } }]);
  });

  test('while the session layer is out carts and preferences are read and changed all the same', async () => {
    const customer = await newCustomer();
    const cart = await newCart(customer.http, line(0));
    await flushWrites();
    await redis.session.stop();
    let changed: Awaited<ReturnType<typeof add>>;
    try {
      expect(await read(customer.http, cart.id)).toEqual(cart);
      const made = await shop.http.post<CartBody>('/v1/carts', {});
      expect(made.status).toBe(201);
      expect((await add(shop.http, made.body.id, line(0))).status).toBe(200);
      changed = await add(customer.http, cart.id, line(1));
      expect(changed).toMatchObject({ status: 200, body: { lines: [{}, {}] } });
      expect(changed.body.version).toBeGreaterThan(cart.version);
      expect((await customer.http.patch('/v1/customers/me/preferences', { marketing: true })).status).toBe(200);
    } finally {
      await redis.session.start();
    }
    await eventually(() => expect(shop.app.get(RedisLayers).watch('session').isOut).toBe(false));
    expect(await read(customer.http, cart.id)).toEqual(changed.body);
    expect((await customer.http.get('/v1/customers/me/preferences')).body).toMatchObject({ marketing: true });
  });
});

describe('bad input', () => {
  const good = () => line(0);
  test.each<[string, () => unknown, string]>([
    ['no object', () => [], 'body'],
    ['unknown field', () => ({ customerId: randomUUID() }), 'customerId'],
    ['no currency', () => ({ currency: 'usd' }), 'currency'],
    ['no lines', () => ({ lines: {} }), 'lines'],
    ['101 lines', () => ({ lines: Array.from({ length: 101 }, good) }), 'lines'],
    ['unknown field in a line', () => ({ lines: [{ ...good(), price: 1 }] }), 'lines.0.price'],
    ['no id', () => ({ lines: [{ variantId: 'x', quantity: 1 }] }), 'lines.0.variantId'],
    ['unknown variant', () => ({ lines: [good(), { variantId: randomUUID(), quantity: 1 }] }), 'lines.1.variantId'],
    ['a draft', () => ({ lines: [{ variantId: draft, quantity: 1 }] }), 'lines.0.variantId'],
    ['quantity 0', () => ({ lines: [line(0, 0)] }), 'lines.0.quantity'],
    ['negative', () => ({ lines: [line(0, -1)] }), 'lines.0.quantity'],
    ['half', () => ({ lines: [line(0, 1.5)] }), 'lines.0.quantity'],
    ['text', () => ({ lines: [{ ...good(), quantity: '1' }] }), 'lines.0.quantity'],
    ['huge', () => ({ lines: [line(0, 10_001)] }), 'lines.0.quantity'],
    ['huge in sum', () => ({ lines: [line(0, 9_999), line(0, 2)] }), 'quantity'],
  ])('a new cart: %s', async (_name, body, field) => {
    const answer = await shop.http.post<{ errors: { field: string }[] }>('/v1/carts', body());
    expect(answer).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    expect(answer.body.errors.map((error) => error.field)).toEqual([field]);
  });

  test('a cart: nothing of a refused change is written', async () => {
    const dearest = await sell(1_000_000_000_000);
    const { id, lines, version } = await newCart(shop.http, line(0, 10_000));
    const path = `/v1/carts/${id}`;
    const lineId = lines[0]?.lineId;
    const answers = await Promise.all([
      shop.http.post(`${path}/lines`, line(0)),
      shop.http.post(`${path}/lines`, { variantId: dearest, quantity: 10_000 }),
      shop.http.post(`${path}/lines`, { ...line(0), lineId }),
      shop.http.post(`${path}/lines`, {}),
      shop.http.patch(`${path}/lines/${lineId}`, { quantity: 0 }),
      shop.http.patch(`${path}/lines/${lineId}`, { quantity: 10_001 }),
      shop.http.patch(`${path}/lines/${lineId}`, line(0)),
      shop.http.patch(`${path}/lines/x`, { quantity: 1 }),
      shop.http.put(`${path}/discount-codes`, { codes: ['a b'] }),
      shop.http.put(`${path}/discount-codes`, { codes: ['\0'] }),
      shop.http.put(`${path}/discount-codes`, { codes: Array.from({ length: 11 }, (_, n) => `C${n}`) }),
      shop.http.put(`${path}/discount-codes`, { codes: 'TEN' }),
      shop.http.get('/v1/carts/1'),
    ]);
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 400));
    for (const answer of answers) expect(answer.body).toHaveProperty('errors.0.field');
    expect((await shop.http.get(`/v1/carts/${randomUUID()}`)).status).toBe(404);
    expect((await read(shop.http, id)).version).toBe(version);
  });

  test('preferences', async () => {
    const { http } = await newCustomer();
    for (const body of [{ theme: 1 }, { currency: 'XQX' }, { extra: { a: [] } }, { extra: { a: '\ud800' } }, []]) {
      expect((await http.patch('/v1/customers/me/preferences', body)).status).toBe(400);
    }
    expect((await http.get('/v1/customers/me/preferences')).body).toMatchObject({ version: 0, extra: {} });
    expect((await shop.http.get('/v1/customers/me/preferences')).status).toBe(401);
  });
});

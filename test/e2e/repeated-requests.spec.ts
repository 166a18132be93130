// A client that got no answer sends its request again, with the same Idempotency-Key.
import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { eventually } from '../support/eventually.js';
import { shop, useShop } from '../support/shop-rig.js';
import { query } from '../support/shop-state.js';
import { type Loose, Shopper } from '../support/shopper.js';
import { type StockedVariant, stockProducts } from '../support/stock.js';

let variant: StockedVariant;

useShop();
beforeAll(async () => {
  variant = (await stockProducts(shop, [{ handle: 'thing', onHand: 50 }]))[0]!;
});

const post = (path: string, body: unknown, key: string, http = shop.http) =>
  http.post<Loose>(path, body, { headers: { 'idempotency-key': key } });
const lines = (quantity: number) => ({ lines: [{ variantId: variant.variantId, quantity }] });

test('ten requests for a cart with one key make one cart, another body is refused', async () => {
  const key = randomUUID();
  const answers = await Promise.all(Array.from({ length: 10 }, () => post('/v1/carts', lines(1), key)));
  const made = answers.filter(({ status }) => status === 201);
  const waiting = answers.filter(({ status }) => status !== 201);
  expect(made.length).toBeGreaterThan(0);
  for (const { status, body, headers } of waiting) {
    expect({ status, code: body.code, retry: headers.get('retry-after') }).toEqual({
      status: 409,
      code: 'request_in_progress',
      retry: '1',
    });
  }
  const again = await post('/v1/carts', lines(1), key);
  expect(again).toMatchObject({ status: 201, body: made[0]!.body });
  expect(again.headers.get('etag')).toBe(made[0]!.headers.get('etag'));
  expect(new Set(made.map(({ body }) => body.id)).size).toBe(1);
  expect(await post('/v1/carts', lines(2), key)).toMatchObject({
    status: 422,
    body: { code: 'idempotency_key_reused' },
  });
});

test('a line is added once for its key, also past other changes and an old version', async () => {
  const cart = (await new Shopper(shop.http).cart([])).body;
  const key = randomUUID();
  const path = `/v1/carts/${cart.id}/lines`;
  const line = { variantId: variant.variantId, quantity: 2 };
  const headers = { 'idempotency-key': key, 'if-match': `"${cart.version}"` };
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => shop.http.post<Loose>(path, line, { headers: { 'idempotency-key': key } })),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
  await post(path, line, randomUUID());
  const again = await shop.http.post<Loose>(path, line, { headers });
  expect(again).toMatchObject({ status: 200, body: { lines: [{ quantity: 4 }] } });
  expect(await post(path, { ...line, quantity: 3 }, key)).toMatchObject({ status: 422 });
});

test('a request that was refused does not use its key up', async () => {
  const key = randomUUID();
  expect((await post('/v1/carts', { lines: 'none' }, key)).status).toBe(400);
  expect((await post('/v1/carts', lines(1), key)).status).toBe(201);
  const cart = (await new Shopper(shop.http).cart([{ variantId: variant.variantId, quantity: 51 }])).body;
  const open = { cartId: cart.id };
  const other = randomUUID();
  expect((await post('/v1/checkouts', open, other)).body.code).toBe('out_of_stock');
  await shop.http.patch(`/v1/carts/${cart.id}/lines/${cart.lines[0].lineId}`, { quantity: 50 });
  const opened = await post('/v1/checkouts', open, other);
  expect(opened.status).toBe(201);
  expect((await post('/v1/checkouts', open, other)).body).toEqual(opened.body);
});

test('the same key of two callers names two requests', async () => {
  const key = randomUUID();
  const guest = await post('/v1/carts', lines(1), key);
  const login = { email: `${key}@example.com`, password: 'correct horse battery' };
  await shop.http.post('/v1/customers', login);
  const customer = (await shop.http.post<Loose>('/v1/customers/login', login)).body;
  const own = await post(
    '/v1/carts',
    lines(1),
    key,
    shop.http.with({ authorization: `Bearer ${customer.accessToken}` }),
  );
  expect(own.status).toBe(201);
  expect(own.body.id).not.toBe(guest.body.id);
});

test('guests who choose the same key do not get the answers of one another', async () => {
  const short = await post('/v1/carts', lines(1), 'my-cart');
  expect(short).toMatchObject({ status: 400, body: { errors: [{ field: 'Idempotency-Key', code: 'too_short' }] } });
  const key = 'my-checkout';
  const [{ variantId } = variant] = await stockProducts(shop, [{ handle: 'other-thing', onHand: 5 }]);
  const cart = () => new Shopper(shop.http).cart([{ variantId, quantity: 1 }]);
  const [one, other] = await Promise.all([cart(), cart()]);
  const [mine, yours] = [
    await post('/v1/checkouts', { cartId: one.body.id }, key),
    await post('/v1/checkouts', { cartId: other.body.id }, key),
  ];
  expect([mine.status, yours.status]).toEqual([201, 201]);
  expect(yours.body.cartId).toBe(other.body.id);
  expect((await post('/v1/checkouts', { cartId: one.body.id }, key)).body).toEqual(mine.body);
});

test('the claim of a process that died is taken over', async () => {
  const key = randomUUID();
  const first = await post('/v1/carts', lines(1), key);
  await query(shop, `UPDATE idempotency_keys SET status = NULL, response = NULL WHERE key = $1`, [key]);
  expect((await post('/v1/carts', lines(1), key)).status).toBe(409);
  await query(shop, `UPDATE idempotency_keys SET created_at = now() - interval '21 seconds' WHERE key = $1`, [key]);
  const again = await post('/v1/carts', lines(1), key);
  expect(again.status).toBe(201);
  expect(again.body.id).not.toBe(first.body.id);
});

test('a request that waits for long keeps its claim', async () => {
  const key = randomUUID();
  const create = () => post('/v1/admin/locations', { code: 'late', name: 'Late' }, key, shop.admin);
  const claimed = (condition: string) =>
    eventually(async () => {
      const found = await query(shop, `SELECT 1 FROM idempotency_keys WHERE key = $1 AND ${condition}`, [key]);
      expect(found).toHaveLength(1);
    }, 15_000);
  const other = new pg.Client({ connectionString: shop.database.url });
  await other.connect();
  await other.query('BEGIN; LOCK TABLE locations IN EXCLUSIVE MODE');
  const first = create();
  await claimed('true');
  await query(shop, `UPDATE idempotency_keys SET created_at = now() - interval '19 seconds' WHERE key = $1`, [key]);
  await claimed(`created_at > now() - interval '10 seconds'`);
  expect(await create()).toMatchObject({ status: 409, body: { code: 'request_in_progress' } });
  await other.end();
  const { status, body } = await first;
  expect({ status, code: body.code }).toEqual({ status: 201, code: 'late' });
  expect(await create()).toMatchObject({ status: 201, body });
});

test('a key that is none is named', async () => {
  for (const key of ['with space', 'x'.repeat(201)]) {
    for (const [path, body] of [
      ['/v1/carts', lines(1)],
      ['/v1/checkouts', { cartId: randomUUID() }],
    ] as const) {
      expect(await post(path, body, key)).toMatchObject({
        status: 400,
        body: { errors: [{ field: 'Idempotency-Key' }] },
      });
    }
  }
});

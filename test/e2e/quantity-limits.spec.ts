// How much of one variant may be bought: by order everywhere, by customer truthfully at the moment of placing.
import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { eventually } from '../support/eventually.js';
import { joinShop } from '../support/shop.js';
import { shopper as guest, shop, useShop } from '../support/shop-rig.js';
import { query } from '../support/shop-state.js';
import { Shopper } from '../support/shopper.js';
import { stockProducts } from '../support/stock.js';

let variantId: string;

const SETTINGS = {
  MAX_QUANTITY_PER_ORDER: '5',
  MAX_QUANTITY_PER_CUSTOMER: '3',
  AUTH_SECRET: 'known to both processes, long enough for HS256',
};

useShop(SETTINGS);
beforeAll(async () => {
  variantId = (await stockProducts(shop, [{ handle: 'rare', onHand: 100 }]))[0]!.variantId;
});

async function newCustomer(): Promise<Shopper> {
  return new Shopper(shop.http.with({ authorization: `Bearer ${await newAccessToken()}` }));
}

async function newAccessToken(): Promise<string> {
  const account = { email: `${randomUUID()}@example.com`, password: 'correct horse battery' };
  await shop.http.post('/v1/customers', account);
  const { body } = await shop.http.post<{ accessToken: string }>('/v1/customers/login', account);
  return body.accessToken;
}

const some = (quantity: number) => [{ variantId, quantity }];

test('a cart has no more than an order may, added at once or little by little', async () => {
  expect(await guest.cart(some(6))).toMatchObject({
    status: 409,
    body: { code: 'quantity_limit', lines: [{ variantId, requested: 6, limit: 5 }] },
  });
  const { body: cart } = await guest.cart(some(5));
  const more = await shop.http.post(`/v1/carts/${cart.id}/lines`, { variantId, quantity: 1 });
  expect(more).toMatchObject({ status: 409, body: { code: 'quantity_limit' } });
  expect(await guest.buy(some(5))).toMatchObject({ status: 201 });
});

test('a customer has no more than a customer may, over all orders', async () => {
  const customer = await newCustomer();
  expect(await customer.cart(some(4))).toMatchObject({ status: 409, body: { lines: [{ limit: 3 }] } });
  expect(await customer.buy(some(2))).toMatchObject({ status: 201 });
  expect(await customer.buy(some(2))).toMatchObject({
    status: 409,
    body: { code: 'quantity_limit', lines: [{ variantId, requested: 2, limit: 1, bought: 2, customerLimit: 3 }] },
  });
  const last = await customer.buy(some(1));
  expect(last).toMatchObject({ status: 201 });
  await shop.admin.post(`/v1/admin/orders/${last.body.id}/cancel`, { reason: 'changed their mind' });
  expect(await customer.buy(some(1))).toMatchObject({ status: 201 });
});

test('checkouts that were opened before cannot be completed beyond it, at the same time or one after the other', async () => {
  const customer = await newCustomer();
  const open = async () => {
    const { body: cart } = await customer.cart(some(1));
    return (await customer.checkout(cart.id)).body.id as string;
  };
  const checkouts: string[] = [];
  for (let n = 0; n < 8; n++) checkouts.push(await open());
  const answers = await Promise.all(checkouts.map((id) => customer.complete(id)));
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 201)).toHaveLength(3);
  for (const { status, body } of answers) if (status !== 201) expect(body.code).toBe('quantity_limit');
  const [bought] = await query<{ units: number }>(
    shop,
    `SELECT sum(l.quantity)::int AS units FROM order_lines l JOIN orders o ON o.id = l.order_id
     WHERE o.id = ANY (ARRAY[${answers.flatMap(({ status, body }) => (status === 201 ? `'${body.id}'` : []))}]::uuid[])`,
  );
  expect(bought?.units).toBe(3);
});

test('two processes that place at the same time look one after the other', async () => {
  const other = await joinShop(shop, { ...SETTINGS, ROLE: 'api' });
  const level = new pg.Client({ connectionString: shop.database.url });
  await level.connect();
  try {
    const authorization = `Bearer ${await newAccessToken()}`;
    const processes = [shop, other].map(({ http }) => new Shopper(http.with({ authorization })));
    const checkouts: string[] = [];
    for (const process of processes) {
      checkouts.push((await process.checkout((await process.cart(some(2))).body.id)).body.id);
    }
    // Whoever has looked at the limit goes on to the level, which is locked: both transactions are open together.
    await level.query('BEGIN');
    await level.query('SELECT 1 FROM inventory_levels WHERE variant_id = $1 FOR UPDATE', [variantId]);
    const placing = Promise.all(processes.map((process, i) => process.complete(checkouts[i]!)));
    await eventually(async () => {
      const [{ waiting }] = (
        await level.query(
          `SELECT count(*)::int AS waiting FROM pg_stat_activity
           WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        )
      ).rows;
      expect(waiting).toBe(2);
    });
    await level.query('COMMIT');
    expect((await placing).map(({ status, body }) => (status === 201 ? 'placed' : body.code)).sort()).toEqual([
      'placed',
      'quantity_limit',
    ]);
  } finally {
    await level.end();
    await other.close();
  }
});

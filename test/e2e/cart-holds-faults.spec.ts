// RESERVE_AT=cart when something comes in between: time, an outage, a cart that goes on changing.
import { randomUUID } from 'node:crypto';
import { beforeEach, expect, test } from '@jest/globals';
import { InventoryService } from '../../src/inventory/index.js';
import { eventually } from '../support/eventually.js';
import { shopper as ada, shop, useShop } from '../support/shop-rig.js';
import { stockProducts } from '../support/stock.js';

let variantId: string;

useShop({ RESERVE_AT: 'cart', CART_HOLD_TTL_S: '10' });

beforeEach(async () => {
  variantId = (await stockProducts(shop, [{ handle: `thing-${randomUUID()}`, onHand: 5 }]))[0]!.variantId;
});

const some = (quantity: number) => [{ variantId, quantity }];

interface Inspected {
  holds: { count: number; quantity: number; items: { holdId: string }[] };
}

const holds = async () => (await shop.admin.get<Inspected>('/v1/admin/inventory', { query: { variantId } })).body.holds;

test('a hold that lapsed and whose stock others took is refused with what is left', async () => {
  const { body: cart } = await ada.cart(some(4));
  await eventually(async () => expect((await holds()).quantity).toBe(0), 20_000);
  expect(await ada.cart(some(3))).toMatchObject({ status: 201 });
  expect(await ada.checkout(cart.id)).toMatchObject({
    status: 409,
    body: { code: 'out_of_stock', lines: [{ variantId, requested: 4, available: 2 }] },
  });
  expect((await holds()).quantity).toBe(3);
}, 30_000);

test('a cart that changes after its checkout was opened holds its stock once more, and no more than that', async () => {
  const { body: cart } = await ada.cart(some(1));
  await ada.checkout(cart.id);
  for (const quantity of [2, 1, 2]) {
    const path = `/v1/carts/${cart.id}/lines/${cart.lines[0].lineId}`;
    expect(await shop.http.request('PATCH', path, { body: { quantity } })).toMatchObject({ status: 200 });
  }
  expect(await holds()).toMatchObject({ count: 2, quantity: 3 });
  // The newer checkout ends the older one, and takes the cart's hold over.
  expect(await ada.checkout(cart.id)).toMatchObject({ status: 201 });
  expect(await holds()).toMatchObject({ count: 1, quantity: 2 });
});

test('two tabs that check out at the same time leave one hold', async () => {
  const { body: cart } = await ada.cart(some(3));
  const answers = await Promise.all([1, 2, 3, 4].map(() => ada.checkout(cart.id)));
  for (const { status } of answers) expect([201, 409]).toContain(status);
  expect(await ada.checkout(cart.id)).toMatchObject({ status: 201 });
  expect(await holds()).toMatchObject({ count: 1, quantity: 3 });
});

test('a checkout that cannot be opened gives the hold back that it took over', async () => {
  const { body: cart } = await ada.cart(some(1));
  const { body: checkout } = await ada.checkout(cart.id);
  const completing = ada.complete(checkout.id, { token: 'tok_slow' });
  await eventually(async () =>
    expect(await shop.http.get(`/v1/checkouts/${checkout.id}`)).toMatchObject({ body: { state: 'paying' } }),
  );
  const path = `/v1/carts/${cart.id}/lines/${cart.lines[0].lineId}`;
  expect(await shop.http.request('PATCH', path, { body: { quantity: 2 } })).toMatchObject({ status: 200 });
  expect(await holds()).toMatchObject({ count: 2, quantity: 3 });
  expect(await ada.checkout(cart.id)).toMatchObject({ status: 409, body: { code: 'checkout_in_progress' } });
  expect(await holds()).toMatchObject({ count: 1, quantity: 1 });
  await completing;
});

test('a cart whose hold was given back meanwhile is checked out all the same', async () => {
  const { body: cart } = await ada.cart(some(4));
  const { items } = await holds();
  await shop.app.get(InventoryService, { strict: false }).release(items[0]!.holdId, some(4), 'test');
  expect((await holds()).quantity).toBe(0);
  expect(await ada.checkout(cart.id)).toMatchObject({ status: 201 });
  expect(await holds()).toMatchObject({ count: 1, quantity: 4 });
});

test('while Redis is down carts hold in PostgreSQL, and Redis hears of it', async () => {
  await shop.redis.operational.stop();
  const cart = await ada.cart(some(5));
  expect(cart).toMatchObject({ status: 201 });
  expect(await ada.checkout(cart.body.id)).toMatchObject({ status: 201 });
  expect(await ada.cart(some(1))).toMatchObject({ status: 409, body: { code: 'out_of_stock' } });
  await shop.redis.operational.start();
  await eventually(async () => expect(await holds()).toMatchObject({ count: 1, quantity: 5 }), 20_000);
}, 60_000);

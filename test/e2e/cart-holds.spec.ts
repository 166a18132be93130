// RESERVE_AT=cart: what is in a cart is set aside for it.
import { randomUUID } from 'node:crypto';
import { beforeEach, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { shopper as ada, shop, useShop } from '../support/shop-rig.js';
import { Shopper } from '../support/shopper.js';
import { stockProducts } from '../support/stock.js';

let variantId: string;

useShop({ RESERVE_AT: 'cart', CART_HOLD_TTL_S: '600' });

beforeEach(async () => {
  variantId = (await stockProducts(shop, [{ handle: `thing-${randomUUID()}`, onHand: 5 }]))[0]!.variantId;
});

const some = (quantity: number) => [{ variantId, quantity }];

interface Inspected {
  holds: { count: number; quantity: number; items: { holdId: string }[] };
  postgres: { onHand: number };
}

const inspect = async () => (await shop.admin.get<Inspected>('/v1/admin/inventory', { query: { variantId } })).body;
const held = async () => (await inspect()).holds.quantity;
const setQuantity = (cart: { id: string; lines: { lineId: string }[] }, quantity: number) =>
  shop.http.request('PATCH', `/v1/carts/${cart.id}/lines/${cart.lines[0]!.lineId}`, { body: { quantity } });

test('what is put in is held, changed with the cart, and given back when it is taken out', async () => {
  const { body: cart } = await ada.cart(some(2));
  expect(await held()).toBe(2);
  expect(await ada.cart(some(4))).toMatchObject({
    status: 409,
    body: { code: 'out_of_stock', lines: [{ variantId, requested: 4, available: 3 }] },
  });
  // Its own hold does not stand in its way.
  expect(await setQuantity(cart, 5)).toMatchObject({ status: 200 });
  expect((await inspect()).holds).toMatchObject({ count: 1, quantity: 5 });
  expect(await setQuantity(cart, 6)).toMatchObject({ status: 409, body: { code: 'out_of_stock' } });
  expect(await held()).toBe(5);
  expect(await setQuantity(cart, 1)).toMatchObject({ status: 200 });
  expect(await held()).toBe(1);
  await shop.http.request('DELETE', `/v1/carts/${cart.id}/lines/${cart.lines[0].lineId}`, {});
  expect((await inspect()).holds).toMatchObject({ count: 0, quantity: 0 });
});

test('the checkout takes the hold over, whoever waits for it, and an order takes the stock', async () => {
  const { body: cart } = await ada.cart(some(5));
  const [before] = (await inspect()).holds.items;
  const checkout = await ada.checkout(cart.id);
  expect(checkout.status).toBe(201);
  const { holds } = await inspect();
  expect(holds).toMatchObject({ count: 1, quantity: 5, items: [{ holdId: before!.holdId }] });
  expect(checkout.body.id).toBe(before!.holdId);
  expect(await ada.complete(checkout.body.id)).toMatchObject({ status: 201 });
  await eventually(async () =>
    expect(await inspect()).toMatchObject({ holds: { quantity: 0 }, postgres: { onHand: 0 } }),
  );
});

test('a cart that is checked out again, or twice at the same time, holds its stock once', async () => {
  const { body: cart } = await ada.cart(some(5));
  await ada.checkout(cart.id);
  expect(await ada.checkout(cart.id)).toMatchObject({ status: 201 });
  expect((await inspect()).holds).toMatchObject({ count: 1, quantity: 5 });
  const { body: other } = await ada.cart([
    {
      variantId: (await stockProducts(shop, [{ handle: `other-${randomUUID()}`, onHand: 3 }]))[0]!.variantId,
      quantity: 3,
    },
  ]);
  const answers = await Promise.all([ada.checkout(other.id), ada.checkout(other.id)]);
  expect(answers.filter(({ status }) => status === 201).length).toBeGreaterThanOrEqual(1);
  for (const { status } of answers) expect([201, 409]).toContain(status);
});

test('a merge at login holds what both carts had', async () => {
  const account = { email: `${randomUUID()}@example.com`, password: 'correct horse battery' };
  await shop.http.post('/v1/customers', account);
  const login = (cartId?: string) =>
    shop.http.post<{ accessToken: string }>('/v1/customers/login', { ...account, ...(cartId && { cartId }) });
  const { body } = await login();
  const customer = shop.http.with({ authorization: `Bearer ${body.accessToken}` });
  await new Shopper(customer).cart(some(1));
  const { body: guest } = await ada.cart(some(2));
  await login(guest.id);
  expect((await inspect()).holds).toMatchObject({ count: 1, quantity: 3 });
});

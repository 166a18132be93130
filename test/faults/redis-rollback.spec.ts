// Redis comes back from a crash with an older append-only file than it had acknowledged.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { type DurableLayer, type KeptKeys, keepKeys, rollBack } from '../support/roll-back.js';
import { open, shop, shopper, useShop } from '../support/shop-rig.js';
import { atRest, query } from '../support/shop-state.js';
import { type Loose, Shopper } from '../support/shopper.js';

useShop();

const keep = (layer: DurableLayer) => keepKeys(shop, layer);
const rollBackTo = (layer: DurableLayer, kept: KeptKeys) => rollBack(shop, layer, kept);

test('an address that was accepted is not lost', async () => {
  const { id } = await open();
  const before = await keep('operational');
  const shippingAddress = { name: 'Ada', line1: 'New street', city: 'London', postalCode: 'SW1Y 4JH', country: 'GB' };
  expect((await shop.http.patch(`/v1/checkouts/${id}`, { shippingAddress })).status).toBe(200);
  await rollBackTo('operational', before);
  const placed = await shopper.complete(id);
  expect(placed.status).toBe(201);
  expect(placed.body.shippingAddress).toEqual(shippingAddress);
});

test('a cancelled checkout stays cancelled', async () => {
  const { id } = await open();
  const before = await keep('operational');
  expect((await shop.http.post(`/v1/checkouts/${id}/cancel`)).status).toBe(200);
  await rollBackTo('operational', before);
  expect((await shopper.complete(id)).status).toBe(409);
});

test('an ordered checkout is known to be ordered', async () => {
  const { id } = await open();
  const before = await keep('operational');
  const placed = await shopper.complete(id);
  expect(placed.status).toBe(201);
  await atRest(shop);
  await rollBackTo('operational', before);
  const now = (await shop.http.get<Loose>(`/v1/checkouts/${id}`)).body;
  const again = await shopper.complete(id);
  expect({ state: now.state, again: again.body.code, orderId: again.body.orderId }).toEqual({
    state: 'captured',
    again: 'checkout_closed',
    orderId: placed.body.id,
  });
});

test('a declined checkout can be paid and its cart is not locked', async () => {
  const { id, cartId } = await open();
  const key = randomUUID();
  const completing = shopper.complete(id, { token: 'tok_slow', key });
  await sleep(800);
  const paying = await keep('operational');
  await completing; // placed: the outcome that follows does not matter, only that Redis forgets it
  await atRest(shop);
  await rollBackTo('operational', paying);
  const now = (await shop.http.get<Loose>(`/v1/checkouts/${id}`)).body;
  const opened = await shopper.checkout(cartId);
  expect({ state: now.state, opened: opened.body.code }).toEqual({ state: 'captured', opened: 'cart_ordered' });
}, 30_000);

test('a customer whose ordered cart comes back open can go on shopping', async () => {
  const { variant } = await open();
  const account = { email: `${randomUUID()}@example.com`, password: 'correct horse battery' };
  expect((await shop.http.post('/v1/customers', account)).status).toBe(201);
  const login = await shop.http.post<Loose>('/v1/customers/login', account);
  const http = shop.http.with({ authorization: `Bearer ${login.body.accessToken}` });
  const me = new Shopper(http);
  const cart = (await http.get<Loose>('/v1/customers/me/cart')).body;
  expect((await http.post(`/v1/carts/${cart.id}/lines`, { variantId: variant.variantId, quantity: 1 })).status).toBe(
    200,
  );
  const inPostgres = async () =>
    (await query<Loose>(shop, 'SELECT document FROM carts WHERE id = $1', [cart.id]))[0]?.document;
  await eventually(async () => expect(await inPostgres()).toMatchObject({ lines: [{ quantity: 1 }] }));
  const before = await keep('session');
  const checkout = await me.checkout(cart.id);
  expect((await me.complete(checkout.body.id)).status).toBe(201);
  await atRest(shop);
  await eventually(async () => expect(await inPostgres()).toHaveProperty('orderId'));
  await rollBackTo('session', before);
  const look = async () => {
    const current = (await http.get<Loose>('/v1/customers/me/cart')).body;
    const opened = await me.checkout(current.id);
    if (opened.status === 201) expect((await me.complete(opened.body.id)).status).toBe(409);
    return current.id === cart.id ? 'same cart' : 'new cart';
  };
  // The first look may still meet the old cart; it is closed then, without a charge, and the next one is new.
  await look();
  await eventually(async () => expect(await look()).toBe('new cart'));
  expect(await inPostgres()).toHaveProperty('orderId');
}, 30_000);

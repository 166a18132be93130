import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { shop, shopper, useShop } from '../support/shop-rig.js';
import { atRest, balanced, booksOf, query } from '../support/shop-state.js';
import type { Answer, Loose } from '../support/shopper.js';
import { importCsv, type StockedVariant, stockProducts } from '../support/stock.js';

useShop({ TAX_RATE_BASIS_POINTS: '1900', PAYMENT_TIMEOUT_MS: '1500', PAYMENT_RECOVERY_AFTER_MS: '4500' });

const stocked = async (onHand: number, priceUsd = '19.99'): Promise<StockedVariant> => {
  const [variant] = await stockProducts(shop, [{ handle: `thing-${randomUUID()}`, onHand, priceUsd }]);
  return variant!;
};
const inventoryOf = async ({ variantId }: StockedVariant): Promise<Loose> =>
  (await shop.admin.get('/v1/admin/inventory', { query: { variantId } })).body;
const checkoutOf = async (variant: StockedVariant, quantity = 1): Promise<string> => {
  const cart = await shopper.cart([{ variantId: variant.variantId, quantity }]);
  const checkout = await shopper.checkout(cart.body.id);
  expect(checkout.status).toBe(201);
  return checkout.body.id;
};
const statuses = (answers: readonly Answer[]) => answers.map((answer) => answer.status).sort();

test('from a cart to a paid order, and every book agrees', async () => {
  const variant = await stocked(5);
  const cart = await shopper.cart([{ variantId: variant.variantId, quantity: 2 }]);
  expect(cart.status).toBe(201);
  expect(Object.keys(cart.body)[0]).toBe('id');
  const checkout = await shopper.checkout(cart.body.id);
  expect(checkout.body).toMatchObject({
    state: 'reserved',
    version: 1,
    totals: {
      subtotal: { amount: 3998, currency: 'USD' },
      shipping: { amount: 500 },
      tax: { amount: 760 + 95 },
      total: { amount: 3998 + 500 + 855 },
    },
  });
  const address = { name: 'Ada', line1: '1 Street', city: 'London', postalCode: 'SW1Y 4JH', country: 'GB' };
  const changed = await shop.http.patch(`/v1/checkouts/${checkout.body.id}`, {
    shippingAddress: address,
    shippingMethodId: 'standard',
  });
  expect(changed.body).toMatchObject({ version: 2, shippingAddress: address });
  const placed = await shopper.complete(checkout.body.id);
  expect(placed.status).toBe(201);
  expect(placed.body).toMatchObject({
    state: 'placed',
    totals: { total: { amount: 5353 } },
    ruleSetVersion: expect.any(Number),
  });

  await atRest(shop);
  const order = await shop.http.get<{ state: string }>(`/v1/orders/${placed.body.id}`, {
    query: { accessToken: placed.body.accessToken },
  });
  expect(order.body).toMatchObject({ state: 'captured', shippingAddress: address });
  expect((await shop.http.get(`/v1/orders/${placed.body.id}`)).status).toBe(404);
  expect((await shop.http.get(`/v1/orders/${placed.body.id}`, { query: { accessToken: 'another' } })).status).toBe(404);
  expect((await shop.http.get(`/v1/checkouts/${checkout.body.id}`)).body).toMatchObject({
    state: 'captured',
    orderId: placed.body.id,
  });
  expect((await shop.admin.get(`/v1/admin/orders/${placed.body.id}`)).body).toEqual(order.body);
  expect((await shop.admin.get('/v1/admin/orders', { query: { limit: 1 } })).body).toMatchObject({
    items: [{ id: placed.body.id, number: placed.body.number }],
  });
  const movements = await query<{ kind: string; quantity: number }>(
    shop,
    'SELECT kind, quantity::int FROM stock_movements WHERE variant_id = $1 ORDER BY level_version',
    [variant.variantId],
  );
  expect(movements).toEqual([
    { kind: 'receipt', quantity: 5 },
    { kind: 'allocation', quantity: -2 },
  ]);
  expect(await inventoryOf(variant)).toMatchObject({
    postgres: { onHand: 3 },
    redis: { onHand: 3, held: 0 },
    holds: { count: 0 },
  });
  expect(await booksOf(shop)).toEqual(balanced);
});

describe('one key', () => {
  test('ten requests at once: one order, one charge, ten equal answers or 409', async () => {
    const id = await checkoutOf(await stocked(5));
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 10 }, () => shopper.complete(id, { key })));
    const placed = answers.filter((answer) => answer.status === 201);
    expect(placed.length).toBeGreaterThan(0);
    expect(new Set(placed.map((answer) => JSON.stringify(answer.body))).size).toBe(1);
    for (const other of answers.filter((answer) => answer.status !== 201)) {
      expect(other).toMatchObject({ status: 409, body: { code: 'checkout_in_progress' } });
      expect(other.headers.get('retry-after')).toBe('1');
    }
    const repeated = await shopper.complete(id, { key });
    expect(repeated.body).toEqual(placed[0]!.body);
    await atRest(shop);
    const [charges] = await query<{ count: number }>(
      shop,
      'SELECT count(*)::int FROM payment_attempts a JOIN test_provider_payments p ON p.key = a.id::text WHERE a.checkout_id = $1',
      [id],
    );
    expect(charges?.count).toBe(1);
    expect(await booksOf(shop)).toEqual(balanced);
  });

  test('with another body: 422; without a key: 400; with a new key after the order: 409 that names it', async () => {
    const id = await checkoutOf(await stocked(5));
    const key = randomUUID();
    const placed = await shopper.complete(id, { key });
    expect(await shopper.complete(id, { key, token: 'tok_slow' })).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused' },
    });
    const without = await shop.http.post(`/v1/checkouts/${id}/complete`, {
      payment: { provider: 'test', token: 'tok_ok' },
    });
    expect(without).toMatchObject({ status: 400, body: { code: 'idempotency_key_required' } });
    const path = `/v1/orders/${placed.body.id}`;
    expect(await shopper.complete(id)).toMatchObject({
      status: 409,
      body: {
        code: 'checkout_closed',
        orderId: placed.body.id,
        detail: expect.stringContaining(`${path} with the header X-Order-Token`),
      },
    });
    const tokenIs = (token: string) => shop.http.get<Loose>(path, { headers: { 'x-order-token': token } });
    expect((await tokenIs((await shopper.complete(id, { key })).body.accessToken)).status).toBe(200);
    expect((await tokenIs('another')).body.detail).toContain('X-Order-Token');
  });

  test('a session that Redis brought back older than it was does not hide the order', async () => {
    const id = await checkoutOf(await stocked(5));
    const client = new Redis(shop.redis.operational.port);
    const key = `op:{checkout:${id}}:session`;
    const before = await client.dumpBuffer(key);
    const placed = await shopper.complete(id);
    await atRest(shop);
    await client.restore(key, 0, before!, 'REPLACE');
    client.disconnect();
    expect((await shopper.complete(id)).status).toBe(409);
    expect(await shopper.complete(id)).toMatchObject({
      status: 409,
      body: { code: 'checkout_closed', orderId: placed.body.id },
    });
  });

  test('two keys at once: one order', async () => {
    const id = await checkoutOf(await stocked(5));
    const answers = await Promise.all(Array.from({ length: 6 }, () => shopper.complete(id)));
    expect(statuses(answers)).toEqual([201, 409, 409, 409, 409, 409]);
    await atRest(shop);
    expect(await booksOf(shop)).toEqual(balanced);
  });
});

describe('payments that do not go well', () => {
  test('declined: 402, the same key repeats it, a new key can pay', async () => {
    const variant = await stocked(5);
    const id = await checkoutOf(variant);
    const key = randomUUID();
    const declined = await shopper.complete(id, { key, token: 'tok_declined' });
    expect(declined).toMatchObject({ status: 402, body: { code: 'payment_declined' } });
    expect(declined.body.detail).toContain('Complete again with another payment and a new Idempotency-Key.');
    expect((await shopper.complete(id, { key, token: 'tok_declined' })).body).toEqual(declined.body);
    expect((await shopper.complete(id)).status).toBe(201);
    await atRest(shop);
    expect(await booksOf(shop)).toEqual(balanced);
  });

  test('a time-out after the provider did authorize is one charge and one order', async () => {
    const placed = await shopper.buy([{ variantId: (await stocked(1)).variantId, quantity: 1 }], 'tok_timeout_then_ok');
    expect(placed.status).toBe(201);
    await atRest(shop);
    expect(await booksOf(shop)).toEqual(balanced);
  });

  test("a provider's 5xx charges nothing, and the checkout can be paid again", async () => {
    const id = await checkoutOf(await stocked(1));
    expect(await shopper.complete(id, { token: 'tok_error' })).toMatchObject({
      status: 502,
      body: { code: 'payment_provider_unavailable' },
    });
    expect((await shopper.complete(id)).status).toBe(201);
    await atRest(shop);
    expect(await booksOf(shop)).toEqual(balanced);
  });

  test('a price that changed in between: 409 with the new quote, nothing charged; completing again pays the new price', async () => {
    const variant = await stocked(3);
    const id = await checkoutOf(variant);
    await query(shop, "UPDATE variant_prices SET amount_minor = 2999 WHERE variant_id = $1 AND currency = 'USD'", [
      variant.variantId,
    ]);
    const refused = await shopper.complete(id);
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'price_changed', quote: { totals: { subtotal: { amount: 2999 } } } },
    });
    const placed = await shopper.complete(id);
    expect(placed).toMatchObject({ status: 201, body: { totals: { subtotal: { amount: 2999 } } } });
    await atRest(shop);
    expect(await booksOf(shop)).toEqual(balanced);
  });

  test('a line that is not sold any more: no checkout is opened, and an open one charges nothing', async () => {
    const variant = await stocked(3);
    const id = await checkoutOf(variant);
    await importCsv(shop, `Handle,Title,Variant Price,Published\n${variant.handle},Gone,19.99,false\n`);
    const notSold = {
      status: 409,
      body: {
        code: 'price_changed',
        detail: expect.stringContaining('Remove it from the cart'),
        lines: [{ variantId: variant.variantId, requested: 1, state: 'unavailable' }],
      },
    };
    expect(await shopper.complete(id)).toMatchObject(notSold);
    const { body: checkout } = await shop.http.get<Loose>(`/v1/checkouts/${id}`);
    expect(checkout.state).toBe('expired');
    expect(await shopper.checkout(checkout.cartId)).toMatchObject(notSold);
    await atRest(shop);
    expect(await booksOf(shop)).toEqual(balanced);
  });

  test('stock that PostgreSQL no longer has: 409 with what is left, the authorization is given back', async () => {
    const variant = await stocked(2);
    const id = await checkoutOf(variant, 2);
    await query(shop, 'UPDATE inventory_levels SET on_hand = 1, version = version + 1 WHERE variant_id = $1', [
      variant.variantId,
    ]);
    const refused = await shopper.complete(id);
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'out_of_stock', lines: [{ variantId: variant.variantId, requested: 2, available: 1 }] },
    });
    await atRest(shop);
    expect((await booksOf(shop)).strayMoney).toBe(0);
    expect((await shop.http.get(`/v1/checkouts/${id}`)).body).toMatchObject({ state: 'expired' });
    await query(shop, 'UPDATE inventory_levels SET on_hand = 2, version = version + 1 WHERE variant_id = $1', [
      variant.variantId,
    ]);
  });
});

describe('addresses', () => {
  const complete = {
    name: 'Ada',
    line1: '1 Street',
    city: 'Cupertino',
    region: 'CA',
    postalCode: '95014',
    country: 'US',
  };

  test('what an address lacks by the rules of its country is named, field by field', async () => {
    const id = await checkoutOf(await stocked(5));
    const { region: _region, ...without } = complete;
    const refused = await shop.http.patch<Loose>(`/v1/checkouts/${id}`, {
      shippingAddress: { ...without, postalCode: '9501' },
    });
    expect(refused).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    expect(refused.body.errors.map((error: Loose) => error.field)).toEqual([
      'shippingAddress.region',
      'shippingAddress.postalCode',
    ]);
    expect((await shop.http.get<Loose>(`/v1/checkouts/${id}`)).body.shippingAddress).toBeNull();
  });

  test('what is shipped needs an address', async () => {
    const id = await checkoutOf(await stocked(5));
    await shop.http.patch(`/v1/checkouts/${id}`, { shippingMethodId: 'standard' });
    expect(await shopper.complete(id)).toMatchObject({
      status: 409,
      body: { code: 'checkout_incomplete', errors: [{ field: 'shippingAddress' }] },
    });
    await shop.http.patch(`/v1/checkouts/${id}`, { shippingAddress: complete });
    expect((await shopper.complete(id)).status).toBe(201);
  });
});

describe('holds', () => {
  test('a checkout holds its stock, cancelling gives it back, a new one takes the place of the one before', async () => {
    const variant = await stocked(3);
    const lines = [{ variantId: variant.variantId, quantity: 3 }];
    const cart = await shopper.cart(lines);
    const first = await shopper.checkout(cart.body.id);
    expect(first.status).toBe(201);
    const other = await shopper.cart(lines);
    expect(await shopper.checkout(other.body.id)).toMatchObject({
      status: 409,
      body: { code: 'out_of_stock', lines: [{ variantId: variant.variantId, requested: 3, available: 0 }] },
    });
    const second = await shopper.checkout(cart.body.id);
    expect(second.status).toBe(201);
    expect((await shop.http.get(`/v1/checkouts/${first.body.id}`)).body).toMatchObject({ state: 'cancelled' });
    expect((await shop.http.post(`/v1/checkouts/${second.body.id}/cancel`)).body).toMatchObject({ state: 'cancelled' });
    expect((await shopper.checkout(other.body.id)).status).toBe(201);
  });

  test('an ordered cart cannot be ordered again', async () => {
    const cart = await shopper.cart([{ variantId: (await stocked(9)).variantId, quantity: 1 }]);
    const first = await shopper.checkout(cart.body.id);
    expect((await shopper.complete(first.body.id)).status).toBe(201);
    await atRest(shop);
    expect(await shopper.checkout(cart.body.id)).toMatchObject({
      status: 409,
      body: { code: 'cart_ordered', detail: expect.stringContaining('Begin a new cart.') },
    });
  });
});

import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { RedisLayers } from '../../../src/platform/redis/redis-layers.js';
import { eventually } from '../../support/eventually.js';
import {
  add,
  type CartBody,
  carts,
  current,
  db,
  draft,
  flushWrites,
  line,
  newCart,
  newCustomer,
  read,
  redis,
  sell,
  shop,
  store,
  useCarts,
} from './cart-rig.js';

useCarts();

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
    const preferences = await customer.http.patch('/v1/customers/me/preferences', {
      locale: 'de-AT',
      extra: { a: 1, constructor: 'a name like others' },
    });
    expect(preferences.body).toMatchObject({ extra: { a: 1, constructor: 'a name like others' } });
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
    const { CartsRepository } = await import('../../../src/cart/documents/carts.repository.js');
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

// A full or read-only Redis, made-up cursors, merged carts: a clear answer, never a failure of ours.
import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { TestProviderRepository } from '../../src/checkout/payments/test-provider/test-provider.repository.js';
import { keyspace } from '../../src/platform/keyspace.js';
import { RedisLayers } from '../../src/platform/redis/redis-layers.js';
import { eventually } from '../support/eventually.js';
import { open, shop, shopper, useShop } from '../support/shop-rig.js';
import { atRest, query } from '../support/shop-state.js';
import { type Loose, Shopper } from '../support/shopper.js';

useShop();

const cursor = (position: unknown) => Buffer.from(JSON.stringify(position)).toString('base64url');
test.each([
  ['/v1/products', `sort=title&cursor=${cursor(['title', 'a\u0000b', randomUUID()])}`],
  ['/v1/products', `sort=title&cursor=${cursor(['title', '\ud800', randomUUID()])}`],
  ['/v1/products', `sort=newest&cursor=${cursor(['newest', '9999-12-31T23:59:59.999999999999Z', randomUUID()])}`],
  ['/v1/products', `sort=price&cursor=${cursor(['price', Number.MAX_SAFE_INTEGER, randomUUID()])}`],
  ['/v1/collections', `cursor=${cursor(['a\u0000', randomUUID()])}`],
  ['/v1/collections', `cursor=${cursor(['a\u0000'])}`],
  ['/v1/admin/discounts/versions', `cursor=${cursor([9007199254740991])}`],
])('a made-up cursor is no failure of ours: %s?%s', async (path, text) => {
  const answer = await shop.admin.get<Loose>(`${path}?${text}`);
  expect([answer.status, answer.body.code]).not.toEqual([500, 'internal_error']);
});

/** The operational layer is used again: what was held elsewhere meanwhile has been brought to it. */
const usedAgain = () =>
  eventually(() => expect(shop.app.get(RedisLayers, { strict: false }).watch('operational').isOut).toBe(false), 15_000);

test('while the operational Redis is full, PostgreSQL stands in', async () => {
  const { cartId } = await open();
  const redis = new Redis(shop.redis.operational.port);
  await redis.config('SET', 'maxmemory', '1');
  const answer = await shopper.checkout(cartId);
  const order = await shopper.complete(answer.body.id);
  await redis.config('SET', 'maxmemory', '0');
  redis.disconnect();
  expect([answer.status, order.status]).toEqual([201, 201]);
  await usedAgain();
});

test('while the operational Redis is read-only (failover), PostgreSQL stands in', async () => {
  const { cartId } = await open();
  const redis = new Redis(shop.redis.operational.port);
  await redis.replicaof('127.0.0.1', 1);
  const answer = await shopper.checkout(cartId);
  const order = await shopper.complete(answer.body.id);
  await redis.replicaof('NO', 'ONE');
  redis.disconnect();
  expect([answer.status, order.status]).toEqual([201, 201]);
  await usedAgain();
});

test.each([
  ['another release', { source: (own: string) => `${own}x` }],
  ['an earlier run of the server', { source: (own: string) => `x${own}` }],
])('the copy of a checkout that %s has written is not read', async (_who, { source }) => {
  const { id: checkoutId } = await open();
  const redis = new Redis(shop.redis.operational.port);
  const key = keyspace.operational.checkout(checkoutId);
  const own = await redis.hget(key, 'source');
  await redis.hset(key, 'document', '{"somethingElse":true}');
  const believed = await shop.http.get<Loose>(`/v1/checkouts/${checkoutId}`);
  await redis.hset(key, 'source', source(String(own)));
  const read = await shop.http.get<Loose>(`/v1/checkouts/${checkoutId}`);
  redis.disconnect();
  // The first shows that the copy would have been read.
  expect([believed.status, read.status, read.body.id]).toEqual([500, 200, checkoutId]);
});

test('the same key and checkout in capitals: the stored answer', async () => {
  const { id } = await open();
  const key = randomUUID();
  const placed = await shopper.complete(id, { key });
  expect(placed.status).toBe(201);
  expect((await shopper.complete(id.toUpperCase(), { key })).body).toEqual(placed.body);
});

test('the clear access token of an order is kept nowhere', async () => {
  const { id } = await open();
  const placed = await shopper.complete(id);
  const found = await query(shop, `SELECT 1 FROM idempotency_keys WHERE response::text LIKE '%' || $1 || '%'`, [
    placed.body.accessToken,
  ]);
  expect(found).toEqual([]);
});

test('a guest checkout whose cart was taken along at login cannot be paid beside it', async () => {
  const { id, cartId } = await open();
  const account = { email: `${randomUUID()}@example.com`, password: 'correct horse battery' };
  await shop.http.post('/v1/customers', account);
  const login = await shop.http.post<Loose>('/v1/customers/login', { ...account, cartId });
  expect(login.body.cartMerged).toBe(true);
  const http = shop.http.with({ authorization: `Bearer ${login.body.accessToken}` });
  const me = new Shopper(http);
  const first = await me.complete(id);
  await atRest(shop);
  const cart = (await http.get<Loose>('/v1/customers/me/cart')).body;
  const second = await me.checkout(cart.id);
  const again = second.status === 201 ? (await me.complete(second.body.id)).status : second.status;
  const mine = (await http.get<Loose>('/v1/customers/me/orders')).body.items.length;
  expect({ first: first.body.code, again, mine }).toEqual({ first: 'checkout_closed', again: 201, mine: 1 });
});

test('Redis forgets the end of a declined payment: the checkout can be paid or given up', async () => {
  const { id, cartId } = await open();
  const provider = shop.app.get(TestProviderRepository, { strict: false });
  const redis = new Redis(shop.redis.operational.port);
  let paying: Buffer | null = null;
  const key = `op:{checkout:${id}}:session`;
  provider.authorize = async (charge, signal) => {
    paying = await redis.dumpBuffer(key);
    return TestProviderRepository.prototype.authorize.call(provider, charge, signal);
  };
  expect((await shopper.complete(id, { token: 'tok_declined' })).status).toBe(402);
  delete (provider as Loose).authorize;
  await atRest(shop);
  await redis.restore(key, 0, paying!, 'REPLACE');
  redis.disconnect();
  await shop.redis.operational.kill9();
  await shop.redis.operational.start();
  await eventually(async () => expect((await shop.http.get<Loose>('/health/ready')).body.status).toBe('ok'), 15_000);
  const answers = [
    (await shopper.complete(id)).body.code,
    (await shop.http.post<Loose>(`/v1/checkouts/${id}/cancel`)).body.code,
    (await shopper.checkout(cartId)).body.code,
  ];
  expect(answers).not.toEqual(['checkout_in_progress', 'checkout_in_progress', 'checkout_in_progress']);
});

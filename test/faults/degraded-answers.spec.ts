// While the application Redis is away the shop says of each answer what it is worth, and PostgreSQL is asked no more than it may be.
import { beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { shop, useShop } from '../support/shop-rig.js';
import { stockProducts } from '../support/stock.js';

const others = Array.from({ length: 12 }, (_, i) => `unheard-of-${i}`);

useShop({ STANDBY_LOADS_PER_S: '1' });
beforeAll(async () => {
  await stockProducts(shop, [
    { handle: 'read-before', onHand: 1 },
    { handle: 'read-first-while-frozen', onHand: 1 },
  ]);
});

const read = (handle: string) => shop.http.get(`/v1/products/${handle}`);
const statusOf = async (handle: string) => (await read(handle)).headers.get('cache-status');

test('what is in memory is given, marked; what is not is loaded so often in a second, or 503; afterwards all is as before', async () => {
  await read('read-before');
  expect(await statusOf('read-before')).toMatch(/^tiershop; hit; ttl=\d+; detail=memory$/);
  await shop.redis.application.kill9();
  await eventually(async () =>
    expect(await statusOf('read-before')).toMatch(/^tiershop; fwd=stale; ttl=0; detail=memory\/redis-down$/),
  );

  // One after the other: what is asked for at once is loaded at once.
  const answers = [];
  for (const handle of others) answers.push(await read(handle));
  const refused = answers.filter(({ status }) => status === 503);
  expect(answers.filter(({ status }) => status === 404).length + refused.length).toBe(others.length);
  expect(refused.length).toBeGreaterThan(0);
  for (const { headers, body } of refused) {
    expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(body).toMatchObject({ code: 'unavailable' });
  }

  await shop.redis.application.start();
  await eventually(async () => {
    for (const handle of others) expect((await read(handle)).status).toBe(404);
    expect(await statusOf('read-before')).toMatch(/^tiershop; hit; ttl=\d+; detail=memory$/);
  }, 15_000);
});

test('while redis is frozen, a first read is a load like any other; read again, it is marked', async () => {
  const handle = 'read-first-while-frozen';
  shop.redis.application.freeze();
  try {
    await eventually(async () => expect(await statusOf('read-before')).toMatch(/detail=memory\/redis-down$/), 15_000);
    await eventually(async () => expect(await statusOf(handle)).toBe('tiershop; fwd=miss; stored; detail=origin'));
    expect(await statusOf(handle)).toMatch(/^tiershop; fwd=stale; ttl=0; detail=memory\/redis-down$/);
  } finally {
    shop.redis.application.thaw();
  }
});

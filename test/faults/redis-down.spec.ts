// Redis is killed while the shop serves: readers notice nothing, and when it returns all is right again by itself.
import { beforeAll, expect, test } from '@jest/globals';
import { LAYERS } from '../../src/platform/redis/redis-layers.js';
import { eventually } from '../support/eventually.js';
import { shop, shopper, useShop } from '../support/shop-rig.js';
import { atRest, balanced, booksOf } from '../support/shop-state.js';
import { type StockedVariant, stockProducts } from '../support/stock.js';

let variants: StockedVariant[];

useShop();
beforeAll(async () => {
  variants = await stockProducts(shop, [
    { handle: 'read-before', onHand: 10 },
    { handle: 'never-read', onHand: 10 },
  ]);
});

const killAll = () => Promise.all(LAYERS.map((layer) => shop.redis[layer].kill9()));
const startAll = () => Promise.all(LAYERS.map((layer) => shop.redis[layer].start()));
const healthIs = (status: string) =>
  eventually(async () => {
    const ready = await shop.http.get('/health/ready');
    expect(ready).toMatchObject({ status: 200, body: { status } });
  }, 15_000);

test('all layers killed: browsing and buying go on; all back: everything works again', async () => {
  const lines = [{ variantId: variants[0]!.variantId, quantity: 1 }];
  expect((await shopper.buy(lines)).status).toBe(201);
  await atRest(shop);

  await killAll();
  for (let round = 0; round < 20; round += 1) {
    for (const { handle } of variants) expect((await shop.http.get(`/v1/products/${handle}`)).status).toBe(200);
    expect((await shop.http.get('/v1/products')).status).toBe(200);
    expect((await shop.http.get(`/v1/products/${variants[0]!.handle}/availability`)).status).toBe(200);
  }
  await healthIs('degraded');
  const { body: health } = await shop.http.get<{ checks: Record<string, unknown> }>('/health');
  for (const layer of LAYERS)
    expect(health.checks[`redis-${layer}`]).toEqual({ status: 'degraded', message: 'cannot be reached' });
  for (let n = 0; n < 3; n += 1) expect((await shopper.buy(lines)).status).toBe(201);
  const { body: metrics } = await shop.http.get<string>('/metrics');
  for (const layer of LAYERS) expect(metrics).toContain(`redis_layer_out{layer="${layer}"} 1`);
  const open = await shopper.checkout((await shopper.cart(lines)).body.id);
  expect(open.status).toBe(201);
  // Soon: the hold of an order that was answered may still be counted for a moment.
  await eventually(async () => {
    const { body } = await shop.http.get(`/v1/products/${variants[0]!.handle}/availability`);
    expect(body).toMatchObject({ variants: [{ available: 5 }] });
  });

  await startAll();
  await healthIs('ok');
  await eventually(async () => expect((await shopper.buy(lines)).status).toBe(201), 15_000);
  await atRest(shop);
  expect(await booksOf(shop)).toEqual(balanced);
  await eventually(async () => {
    const { body } = await shop.admin.get('/v1/admin/inventory', { query: { variantId: variants[0]!.variantId } });
    expect(body).toMatchObject({ postgres: { onHand: 5 }, redis: { onHand: 5, held: 1 } });
  }, 15_000);
});

test('everything in Redis is flushed while checkouts are open: they can still be paid, nothing is oversold', async () => {
  const { variantId } = variants[1]!;
  const checkouts = await Promise.all(
    Array.from({ length: 10 }, async () => {
      const cart = await shopper.cart([{ variantId, quantity: 1 }]);
      return (await shopper.checkout(cart.body.id)).body.id as string;
    }),
  );
  await Promise.all([flush(shop.redis.operational.port), flush(shop.redis.application.port)]);
  const rival = await shopper.buy([{ variantId, quantity: 5 }]);
  const answers = await Promise.all(checkouts.map((id) => shopper.complete(id)));
  const sold = answers.filter((answer) => answer.status === 201).length + (rival.status === 201 ? 5 : 0);
  expect(answers.filter((answer) => ![201, 409].includes(answer.status))).toEqual([]);
  expect(sold).toBe(10);
  await atRest(shop);
  expect(await booksOf(shop)).toEqual(balanced);
});

async function flush(port: number): Promise<void> {
  const { Redis } = await import('ioredis');
  const client = new Redis(port);
  await client.flushall();
  client.disconnect();
}

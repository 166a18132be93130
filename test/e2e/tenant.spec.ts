// A shop with a name of its own in an operational Redis that it shares: everything it does there is under that name.
import { expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { runJob } from '../support/run-job.js';
import { shop, useShop } from '../support/shop-rig.js';
import { atRest } from '../support/shop-state.js';
import { Shopper } from '../support/shopper.js';
import { stockProducts } from '../support/stock.js';

useShop({ TENANT: 'north', INVENTORY_PARTITIONS: '2' });

test('a purchase, a cancelled checkout and a job', async () => {
  const [variant] = await stockProducts(shop, [{ handle: 'thing', onHand: 5 }]);
  const shopper = new Shopper(shop.http);
  const lines = [{ variantId: variant!.variantId, quantity: 2 }];
  expect((await shopper.buy(lines)).status).toBe(201);
  const cart = await shopper.cart(lines);
  const checkout = await shopper.checkout(cart.body.id);
  expect((await shop.http.post(`/v1/checkouts/${checkout.body.id}/cancel`)).status).toBe(200);
  expect((await runJob(shop, 'reconcile-stock')).status).toBeLessThan(300);
  await atRest(shop);

  const raw = new Redis(shop.redis.operational.port);
  const keys = await raw.keys('*');
  raw.disconnect();
  expect(keys.filter((key) => !key.startsWith('north:op:'))).toEqual([]);
  for (const part of [':level:', ':hold:', ':session', '{lock:']) {
    expect(keys.some((key) => key.includes(part))).toBe(true);
  }
});

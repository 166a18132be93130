// A payment provider that hangs must not keep the caches and the levels in Redis old: they share the outbox.
import { beforeAll, expect, test } from '@jest/globals';
import { TestProviderRepository } from '../../src/checkout/payments/test-provider/test-provider.repository.js';
import { eventually } from '../support/eventually.js';
import { shop, useShop } from '../support/shop-rig.js';
import { query } from '../support/shop-state.js';
import { type Loose, Shopper } from '../support/shopper.js';
import { importCsv, type StockedVariant, stockProducts } from '../support/stock.js';

let variants: StockedVariant[];

useShop({ PAYMENT_TIMEOUT_MS: '8000', PAYMENT_RECOVERY_AFTER_MS: '30000' });
beforeAll(async () => {
  variants = await stockProducts(shop, [
    { handle: 'hol-a', onHand: 10 },
    { handle: 'hol-b', onHand: 10 },
  ]);
});

test('a capture that hangs does not hold back the invalidation of a change or the level of an import', async () => {
  const shopper = new Shopper(shop.http);
  const provider = shop.app.get(TestProviderRepository, { strict: false }) as Loose;
  let captures = 0;
  provider.capture = (_k: unknown, _a: unknown, signal: AbortSignal) => {
    captures += 1;
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  };
  const b = variants[1]!;
  await shop.http.get(`/v1/products/hol-b`);
  await shop.http.get(`/v1/products/hol-b/availability`);
  expect((await shopper.buy([{ variantId: variants[0]!.variantId, quantity: 1 }])).status).toBe(201);
  await eventually(() => expect(captures).toBe(1)); // the relay has the order now
  await query(shop, `UPDATE products SET title = 'New title' WHERE handle = 'hol-b'`);
  await importCsv(shop, `Handle,Variant SKU,Variant Inventory Qty\nhol-b,${b.sku},2\n`);
  // Both while the capture still hangs: the provider is given eight seconds.
  await eventually(async () => {
    const { body } = await shop.http.get<Loose>('/v1/products/hol-b/availability');
    expect(body.variants[0].available).toBe(2);
    expect((await shop.http.get<Loose>('/v1/products/hol-b')).body.title).toBe('New title');
    const [order] = await query<{ state: string }>(shop, 'SELECT state FROM orders');
    expect(order?.state).toBe('placed');
  }, 5_000);
  delete provider.capture;
});

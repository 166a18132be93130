// Redis loses its memory while somebody pays: the goods are held for them again, and others are told what is left.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { PaymentProvider } from '../../src/checkout/payments/payment-provider.js';
import { TestProviderRepository } from '../../src/checkout/payments/test-provider/test-provider.repository.js';
import { InventoryService } from '../../src/inventory/index.js';
import { RedisLayers } from '../../src/platform/redis/redis-layers.js';
import { eventually } from '../support/eventually.js';
import { openCheckout } from '../support/open-checkout.js';
import { type Shop, startShop } from '../support/shop.js';
import { Shopper } from '../support/shopper.js';

let shop: Shop;
beforeAll(async () => {
  shop = await startShop({ PAYMENT_TIMEOUT_MS: '20000', PAYMENT_RECOVERY_AFTER_MS: '60000' });
});
afterAll(() => shop?.close());

test('FLUSHALL during a payment: its hold comes back by itself, another checkout has to be begun anew', async () => {
  const inventory = shop.app.get(InventoryService, { strict: false });
  const provider: PaymentProvider = shop.app.get(TestProviderRepository, { strict: false });
  const { id, variant } = await openCheckout(shop, 10, 3);
  const available = async () => (await inventory.availability([variant.variantId]))[0]?.available;
  await inventory.reserve({
    holdId: crypto.randomUUID(),
    lines: [{ variantId: variant.variantId, quantity: 2 }],
    ttlMs: 600_000,
  });
  expect(await available()).toBe(5);

  let pay = () => {};
  const paid = new Promise<void>((resolve) => {
    pay = resolve;
  });
  let asked = false;
  provider.authorize = async (...request) => {
    asked = true;
    await paid;
    return TestProviderRepository.prototype.authorize.apply(provider, request);
  };
  const completing = new Shopper(shop.http).complete(id);
  await eventually(() => expect(asked).toBe(true));
  await shop.app.get(RedisLayers, { strict: false }).client('operational').flushall();
  // Nobody asks for this variant meanwhile: the hold of the payment alone is back.
  await eventually(async () => expect(await available()).toBe(7));
  pay();
  expect((await completing).status).toBe(201);
  await eventually(async () => expect(await available()).toBe(7));
});

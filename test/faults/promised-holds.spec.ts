// Redis loses its memory while somebody pays: the goods are held for them again, and others are told what is left.
import { expect, test } from '@jest/globals';
import type { PaymentProvider } from '../../src/checkout/payments/payment-provider.js';
import { TestProviderRepository } from '../../src/checkout/payments/test-provider/test-provider.repository.js';
import { InventoryEpoch } from '../../src/inventory/epoch/inventory-epoch.service.js';
import { InventoryService, StockInspection } from '../../src/inventory/index.js';
import { RedisLayers } from '../../src/platform/redis/redis-layers.js';
import { eventually } from '../support/eventually.js';
import { open, shop, useShop } from '../support/shop-rig.js';
import { query } from '../support/shop-state.js';
import { type Loose, Shopper } from '../support/shopper.js';

useShop({ HOLD_TTL_S: '30', PAYMENT_TIMEOUT_MS: '20000', PAYMENT_RECOVERY_AFTER_MS: '60000' });

/** A checkout of 3 of 10 units, of which others hold 2, whose payment is under way until `pay` is called. */
async function payment(beforePaying: () => Promise<void> = async () => {}) {
  const inventory = shop.app.get(InventoryService, { strict: false });
  const provider: PaymentProvider = shop.app.get(TestProviderRepository, { strict: false });
  const { id, variant } = await open(10, 3);
  const { variantId } = variant;
  const available = async () => (await inventory.availability([variantId]))[0]?.available;
  await inventory.reserve({ holdId: crypto.randomUUID(), lines: [{ variantId, quantity: 2 }], ttlMs: 60_000 });
  expect(await available()).toBe(5);
  await beforePaying();
  const { promise: paid, resolve: pay } = Promise.withResolvers<void>();
  let asked = false;
  const { authorize } = TestProviderRepository.prototype;
  provider.authorize = async (...request) => {
    asked = true;
    provider.authorize = authorize;
    await paid;
    return authorize.apply(provider, request);
  };
  const completing = new Shopper(shop.http).complete(id);
  await eventually(() => expect(asked).toBe(true));
  return { variantId, available, pay, completing };
}

test('FLUSHALL during a payment: its hold comes back by itself, another checkout has to be begun anew', async () => {
  const { available, pay, completing } = await payment();
  await shop.app.get(RedisLayers, { strict: false }).client('operational').flushall();
  // Nobody asks for this variant meanwhile: the hold of the payment alone is back.
  await eventually(async () => expect(await available()).toBe(7));
  pay();
  expect((await completing).status).toBe(201);
  await eventually(async () => expect(await available()).toBe(7));
});

test('an append-only file from before a payment is put back: its hold is kept, and what was sold stays sold', async () => {
  const { operational } = shop.redis;
  const epoch = shop.app.get(InventoryEpoch, { strict: false });
  const before = await epoch.verify();
  const { variantId, available, pay, completing } = await payment(() => operational.keepAof());
  expect((await new Shopper(shop.http).buy([{ variantId, quantity: 4 }])).status).toBe(201);
  await eventually(async () => expect(await available()).toBe(1));

  const beganAtMs = performance.now();
  await operational.stop();
  await operational.putBackAof();
  await operational.start();
  await eventually(async () => expect(await epoch.verify()).toBeGreaterThan(before), 15_000);
  const holdsOf = async () => (await shop.app.get(StockInspection, { strict: false }).inspect(variantId)).main.holds;
  // In the old file the others' hold of 2 ends last; the one of the payment was longer, and is so again.
  await eventually(async () => {
    expect(await available()).toBe(1);
    expect((await holdsOf()).items.map(({ quantity }) => quantity)).toEqual([2, 3]);
  }, 15_000);
  const recoveredMs = performance.now() - beganAtMs;
  process.stdout.write(`an old AOF during a payment: recovered after ${recoveredMs.toFixed(0)} ms\n`);
  pay();
  expect((await completing).status).toBe(201);
  await eventually(async () => expect(await available()).toBe(1));
  const two = { holdId: crypto.randomUUID(), lines: [{ variantId, quantity: 2 }], ttlMs: 60_000 };
  expect(await shop.app.get(InventoryService, { strict: false }).reserve(two)).toMatchObject({
    kind: 'short',
    lines: [{ available: 1 }],
  });
}, 60_000);

test('an order or an end that Redis never heard of: comparing the stores gives back what is still held for it', async () => {
  const { id, variant } = await open(10, 3);
  const inventory = shop.app.get(InventoryService, { strict: false });
  const available = async () => (await inventory.availability([variant.variantId]))[0]?.available;
  const reconcile = async () => (await shop.admin.post<Loose>('/v1/admin/inventory/reconcile')).body.holds.differences;
  const end = (ago: string) =>
    query(shop, `UPDATE checkout_sessions SET state = 'expired', updated_at = now() - $2::interval WHERE id = $1`, [
      id,
      ago,
    ]);
  expect(await reconcile()).not.toContainEqual({ kind: 'ended', holdId: id });
  await end('5 seconds');
  expect(await reconcile()).not.toContainEqual({ kind: 'ended', holdId: id });
  expect(await available()).toBe(7);
  await end('2 minutes');
  expect(await reconcile()).toContainEqual({ kind: 'ended', holdId: id });
  expect(await available()).toBe(10);
});

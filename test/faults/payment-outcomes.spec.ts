// Money that is authorized is taken for an order or given back, whatever provider, prices and workers do.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, jest, test } from '@jest/globals';
import { PlaceBatch } from '../../src/checkout/placing/place-batch.js';
import { AppError } from '../../src/platform/errors.js';
import { eventually } from '../support/eventually.js';
import { provider, real, useTestProvider } from '../support/provider-rig.js';
import { open, shop, shopper } from '../support/shop-rig.js';
import { query } from '../support/shop-state.js';
import type { Loose } from '../support/shopper.js';

useTestProvider({ PAYMENT_TIMEOUT_MS: '300', PAYMENT_RECOVERY_AFTER_MS: '1200' });

const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

test('a slow provider: an authorization and a void that arrive late do not make an order without money', async () => {
  const { id } = await open();
  let charge: Loose;
  // Both requests reach the provider after their sender has given up; the authorization first, the void second.
  provider.authorize = (asked, signal) => {
    charge = asked;
    setTimeout(() => void real.authorize.call(provider, { ...asked, token: 'tok_ok' }, signal), 900);
    return aborted(signal);
  };
  let voids = 0;
  provider.void = (key, signal) => {
    voids += 1;
    if (voids > 1) return real.void.call(provider, key, signal);
    setTimeout(() => void real.void.call(provider, key, signal), 3_500);
    return aborted(signal);
  };
  // The provider cannot take the money before the late void has arrived: it is slow.
  provider.capture = async (key, amountMinor, signal) => {
    await Promise.race([sleep(2_500), aborted(signal)]);
    return real.capture.call(provider, key, amountMinor, signal);
  };
  const key = randomUUID();
  const first = await shopper.complete(id, { key });
  await sleep(6_000);
  const last = await shopper.complete(id, { key });
  const [attempt] = await query<Loose>(shop, 'SELECT state, fence FROM payment_attempts WHERE id = $1', [charge.key]);
  const [payment] = await query<Loose>(shop, 'SELECT state FROM test_provider_payments WHERE key = $1', [charge.key]);
  const [order] = await query<Loose>(shop, 'SELECT state FROM orders WHERE checkout_id = $1', [id]);
  expect({ first: first.status, last: last.status, attempt: attempt.state, payment: payment.state, order }).not.toEqual(
    {
      first: 409,
      last: 201,
      attempt: 'placed',
      payment: 'voided',
      order: { state: 'placed' },
    },
  );
}, 30_000);

test('a price that has become more than an order may cost: the authorization is given back and the key answered', async () => {
  const { id, variant } = await open(5, 2);
  await query(
    shop,
    "UPDATE variant_prices SET amount_minor = 1000000000000 WHERE variant_id = $1 AND currency = 'USD'",
    [variant.variantId],
  );
  const key = randomUUID();
  const first = await shopper.complete(id, { key });
  await eventually(async () => {
    const again = await shopper.complete(id, { key });
    const [attempt] = await query<Loose>(
      shop,
      `SELECT a.state, a.fence, p.state AS payment FROM payment_attempts a JOIN test_provider_payments p ON p.key = a.id::text
       WHERE checkout_id = $1`,
      [id],
    );
    expect({ first: first.body.code, again: again.body.code, ...attempt }).toMatchObject({
      payment: 'voided',
      state: 'voided',
    });
  }, 20_000);
}, 30_000);

test('an event that waited over a long weekend is not given up at its first failure', async () => {
  const { id } = await open();
  const failed = Promise.withResolvers<void>();
  provider.capture = async () => {
    await query(shop, `UPDATE outbox SET created_at = now() - interval '4 days' WHERE event = 'order.placed'`);
    delete (provider as Loose).capture;
    failed.resolve();
    throw new Error('one hiccup');
  };
  expect((await shopper.complete(id)).status).toBe(201);
  await failed.promise;
  await eventually(async () => {
    const [attempt] = await query<Loose>(shop, 'SELECT state FROM payment_attempts WHERE checkout_id = $1', [id]);
    const dead = await query<Loose>(shop, `SELECT attempts, last_error FROM outbox WHERE dead`);
    expect({ attempt: attempt.state, dead }).toEqual({ attempt: 'captured', dead: [] });
  });
});

test('one attempt that cannot be read does not keep recovery from the others', async () => {
  const [a, b] = [await open(), await open()];
  provider.authorize = (_c, signal) => aborted(signal);
  provider.fetch = async () => {
    throw new Error('down');
  };
  await Promise.all([shopper.complete(a.id), shopper.complete(b.id)]);
  await query(shop, `UPDATE payment_attempts SET agreement = '{}' WHERE checkout_id = $1`, [a.id]);
  delete (provider as Loose).fetch;
  delete (provider as Loose).authorize;
  await eventually(async () => {
    const [attempt] = await query<Loose>(shop, 'SELECT state FROM payment_attempts WHERE checkout_id = $1', [b.id]);
    expect(attempt.state).toBe('voided');
  }, 20_000);
}, 30_000);

test('a payment taken over often is given back when its order cannot be placed, not when there is too much to do', async () => {
  const [busy, broken] = [await open(), await open()];
  const placeBatch = shop.app.get(PlaceBatch, { strict: false });
  let refusals = 0;
  const place = jest.spyOn(placeBatch, 'place').mockImplementation((attempts) => {
    if (attempts.some(({ checkoutId }) => checkoutId === broken.id)) throw new Error('nobody foresaw this');
    refusals += 1;
    if (refusals <= 3) throw new AppError('unavailable');
    return PlaceBatch.prototype.place.call(placeBatch, attempts);
  });
  try {
    await Promise.all([busy, broken].map(({ id }) => shopper.complete(id)));
    await query(shop, 'UPDATE payment_attempts SET fence = 20 WHERE checkout_id = ANY ($1)', [[busy.id, broken.id]]);
    const states = () =>
      query<Loose>(shop, 'SELECT checkout_id, state FROM payment_attempts WHERE checkout_id = ANY ($1)', [
        [busy.id, broken.id],
      ]);
    await eventually(async () => {
      expect(await states()).toEqual(
        expect.arrayContaining([
          { checkout_id: busy.id, state: 'captured' },
          { checkout_id: broken.id, state: 'voided' },
        ]),
      );
    }, 20_000);
  } finally {
    place.mockRestore();
  }
}, 30_000);

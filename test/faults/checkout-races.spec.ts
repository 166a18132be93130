// What two requests, or a request and a stalled Redis, do to one checkout: never is both told yes.

import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import pg from 'pg';
import { open, shop, shopper, useShop } from '../support/shop-rig.js';
import { atRest, query } from '../support/shop-state.js';
import type { Loose } from '../support/shopper.js';

useShop({ PAYMENT_TIMEOUT_MS: '2000', PAYMENT_RECOVERY_AFTER_MS: '30000', REDIS_COMMAND_TIMEOUT_MS: '300' });

/** Everybody waits who wants to begin a payment attempt, until `release`. */
async function attemptsLocked() {
  const client = new pg.Client({ connectionString: shop.database.url });
  await client.connect();
  await client.query('BEGIN; LOCK TABLE payment_attempts IN EXCLUSIVE MODE');
  return {
    async untilWaiting() {
      for (;;) {
        const [row] = await query<{ n: number }>(
          shop,
          `SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted AND relation = 'payment_attempts'::regclass`,
        );
        if (row!.n > 0) return;
        await sleep(10);
      }
    },
    async release() {
      await client.query('COMMIT');
      await client.end();
    },
  };
}

test('cancel while complete is about to begin: not both are told yes', async () => {
  const { id } = await open();
  const lock = await attemptsLocked();
  const completing = shopper.complete(id);
  await lock.untilWaiting();
  const cancelling = shop.http.post<Loose>(`/v1/checkouts/${id}/cancel`);
  await sleep(300);
  await lock.release();
  const [completed, cancelled] = [await completing, await cancelling];
  await atRest(shop);
  const now = (await shop.http.get<Loose>(`/v1/checkouts/${id}`)).body;
  expect({ complete: completed.status, cancel: cancelled.status, state: now.state, orderId: now.orderId }).not.toEqual({
    complete: 201,
    cancel: 200,
    state: 'cancelled',
    orderId: null,
  });
  expect([completed.status, cancelled.status].filter((status) => status < 300).length).toBe(1);
});

test('an address that was accepted while complete was about to begin is the address of the order', async () => {
  const { id } = await open();
  const lock = await attemptsLocked();
  const completing = shopper.complete(id);
  await lock.untilWaiting();
  const shippingAddress = { name: 'Ada', line1: 'New street', city: 'London', postalCode: 'SW1Y 4JH', country: 'GB' };
  const changing = shop.http.patch<Loose>(`/v1/checkouts/${id}`, { shippingAddress });
  await sleep(300);
  await lock.release();
  const [completed, changed] = [await completing, await changing];
  if (completed.status === 201 && changed.status === 200)
    expect(completed.body.shippingAddress).toEqual(shippingAddress);
});

test('a second checkout of the cart while the first begins to pay: the first does not end as cancelled with an order', async () => {
  const { id, cartId } = await open();
  const lock = await attemptsLocked();
  const completing = shopper.complete(id);
  await lock.untilWaiting();
  const opening = shopper.checkout(cartId);
  await sleep(300);
  await lock.release();
  const [completed, opened] = [await completing, await opening];
  await atRest(shop);
  const now = (await shop.http.get<Loose>(`/v1/checkouts/${id}`)).body;
  // Either may win, but not both.
  const seen = { completed: completed.status, opened: opened.status, state: now.state };
  if (completed.status === 201) expect(seen).toEqual({ completed: 201, opened: 409, state: 'captured' });
  else expect(seen).toEqual({ completed: 409, opened: 201, state: 'cancelled' });
});

test('Redis stalls while a payment is declined: the checkout can be paid again afterwards', async () => {
  const { id, cartId } = await open();
  const lock = await attemptsLocked();
  const completing = shopper.complete(id, { token: 'tok_declined' });
  await lock.untilWaiting();
  shop.redis.operational.freeze();
  try {
    await lock.release();
    expect((await completing).status).toBe(402);
    // The event that gives the checkout back must not be taken for delivered by looking into PostgreSQL alone.
    await sleep(2_500);
  } finally {
    shop.redis.operational.thaw();
  }
  await atRest(shop);
  await sleep(500);
  const now = (await shop.http.get<Loose>(`/v1/checkouts/${id}`)).body;
  const again = await shopper.complete(id);
  const cancel = await shop.http.post<Loose>(`/v1/checkouts/${id}/cancel`);
  const other = await shopper.checkout(cartId);
  expect({
    state: now.state,
    again: [again.status, again.body.code],
    cancel: cancel.body.code,
    other: [other.status, other.body.code],
  }).toMatchObject({ state: 'reserved', again: [201, undefined] });
});

test('Redis is away while a price change is refused: the checkout has the new quote afterwards', async () => {
  const { id, variant } = await open();
  await query(shop, "UPDATE variant_prices SET amount_minor = 2999 WHERE variant_id = $1 AND currency = 'USD'", [
    variant.variantId,
  ]);
  const lock = await attemptsLocked();
  const completing = shopper.complete(id);
  await lock.untilWaiting();
  await shop.redis.operational.kill9();
  await lock.release();
  expect(await completing).toMatchObject({ status: 409, body: { code: 'price_changed' } });
  await sleep(1_000);
  await shop.redis.operational.start();
  await atRest(shop);
  await sleep(1_500);
  const answers = [];
  for (let n = 0; n < 3; n++) answers.push((await shopper.complete(id)).body.code ?? 'placed');
  expect(answers[0]).toBe('placed');
});

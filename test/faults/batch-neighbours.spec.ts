// What one request runs into is not the trouble of those who are in its batch, or come after it.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import pg from 'pg';
import type { Attempt } from '../../src/checkout/payments/attempt.js';
import { AttemptsRepository } from '../../src/checkout/payments/attempts.repository.js';
import { BeginAttempt } from '../../src/checkout/placing/begin-attempt.js';
import { PlaceOrder } from '../../src/checkout/placing/place-order.js';
import { CheckoutSessionStore } from '../../src/checkout/session/checkout-session.store.js';
import { CheckoutSessionCopies } from '../../src/checkout/session/checkout-session-copies.store.js';
import { keyspace } from '../../src/platform/keyspace.js';
import { RedisLayers } from '../../src/platform/redis/redis-layers.js';
import { eventually } from '../support/eventually.js';
import { shop, shopper, useShop } from '../support/shop-rig.js';
import { query } from '../support/shop-state.js';
import { stockProducts } from '../support/stock.js';

useShop({});
const part = <T>(token: abstract new (...args: never[]) => T): T => shop.app.get(token, { strict: false });

async function authorized(variantId: string): Promise<Attempt> {
  const cart = await shopper.cart([{ variantId, quantity: 1 }]);
  const checkout = await shopper.checkout(cart.body.id);
  const session = await part(CheckoutSessionStore).getRecent(checkout.body.id);
  const claim = { scope: `complete:${session.id}`, key: randomUUID(), requestHash: Buffer.alloc(32) };
  const begun = await part(BeginAttempt).begin(session, claim, 'test');
  if (begun.kind !== 'begun') throw new Error(begun.kind);
  await part(AttemptsRepository).move(undefined, begun.attempt, ['paying'], { state: 'authorized' });
  return { ...begun.attempt, state: 'authorized' };
}

test('orders of another product are placed while one waits for its level', async () => {
  const [a, b] = await stockProducts(
    shop,
    [0, 1].map(() => ({ handle: `thing-${randomUUID()}`, onHand: 9 })),
  );
  const waits = await authorized(a!.variantId);
  const others = [await authorized(b!.variantId), await authorized(b!.variantId)];
  const other = new pg.Client({ connectionString: shop.database.url });
  await other.connect();
  await other.query('BEGIN');
  await other.query('SELECT 1 FROM inventory_levels WHERE variant_id = $1 FOR UPDATE', [a!.variantId]);
  const blocked = part(PlaceOrder).place(waits);
  await eventually(async () =>
    expect(
      await query(
        shop,
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      ),
    ).toHaveLength(1),
  );
  const placed = Promise.all(others.map((attempt) => part(PlaceOrder).place(attempt)));
  const first = await Promise.race([placed.then(() => 'placed'), sleep(10_000, 'still waiting', { ref: false })]);
  await other.query('ROLLBACK');
  await other.end();
  await Promise.all([blocked, placed]);
  expect(first).toBe('placed');
});

test('a session whose copy cannot be written does not spoil the others of the turn', async () => {
  const [a] = await stockProducts(shop, [{ handle: `thing-${randomUUID()}`, onHand: 9 }]);
  const made = [];
  for (let i = 0; i < 3; i += 1) {
    const cart = await shopper.cart([{ variantId: a!.variantId, quantity: 1 }]);
    made.push(await part(CheckoutSessionStore).getRecent((await shopper.checkout(cart.body.id)).body.id));
  }
  const client = part(RedisLayers).client('operational');
  await client.set(keyspace.operational.checkout(made[0]!.id), 'no hash');
  const copies = part(CheckoutSessionCopies);
  const results = await Promise.allSettled(
    made.map((session) => copies.write({ ...session, version: session.version + 1 })),
  );
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
});

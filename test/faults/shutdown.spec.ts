// A shop that is stopped finishes what it has begun.
import { expect, test } from '@jest/globals';
import pg from 'pg';
import { eventually } from '../support/eventually.js';
import { openCheckout } from '../support/open-checkout.js';
import { startShop } from '../support/shop.js';
import { query } from '../support/shop-state.js';
import { Shopper } from '../support/shopper.js';

test('a payment that is under way when the shop is stopped is answered, and its order is there', async () => {
  const shop = await startShop();
  const { id } = await openCheckout(shop, 5, 1);
  const completing = new Shopper(shop.http).complete(id, { token: 'tok_slow' });
  await eventually(async () =>
    expect(await query(shop, 'SELECT state FROM payment_attempts')).toEqual([{ state: 'paying' }]),
  );
  const closing = shop.app.close();
  const placed = await completing;
  expect(placed.status).toBe(201);
  await closing;
  await expect(shop.http.get('/health/live')).rejects.toThrow();

  const client = new pg.Client({ connectionString: shop.database.url });
  await client.connect();
  const orders = await client.query('SELECT state FROM orders WHERE id = $1', [placed.body.id]);
  const waiting = await client.query("SELECT event FROM outbox WHERE event = 'order.placed'");
  await client.end();
  expect(orders.rows).toHaveLength(1);
  // Its events are delivered already, or wait for the next start: none is lost.
  expect(orders.rows[0].state === 'captured' || waiting.rowCount === 1).toBe(true);
  await Promise.all([shop.database.drop(), shop.redis.remove()]);
}, 30_000);

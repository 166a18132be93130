// A drop: a thousand shoppers within ten seconds, a hundred units. Who gets one is luck, how many do is not. Times are
// printed, not judged: they say more about the machine. They are those of the one request that brings the outcome.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { createRandom } from '../support/random.js';
import { shop, useShop } from '../support/shop-rig.js';
import { atRest, balanced, booksOf } from '../support/shop-state.js';
import { type Answer, Shopper } from '../support/shopper.js';
import { stockProducts } from '../support/stock.js';

const SHOPPERS = 1_000;
const IN_STOCK = 100;
const WITHIN_MS = 10_000;

const random = createRandom('rush');

// Shoppers, shop and stores share one machine: that Redis is slow there is no outage.
useShop({ REDIS_COMMAND_TIMEOUT_MS: '5000' });

test(`${SHOPPERS} shoppers within ${WITHIN_MS / 1_000} s, ${IN_STOCK} units: ${IN_STOCK} orders, everybody else is told`, async () => {
  const [variant] = await stockProducts(shop, [{ handle: 'drop', onHand: IN_STOCK }]);
  const lines = [{ variantId: variant!.variantId, quantity: 1 }];
  const shopper = new Shopper(shop.http);
  const timed = async (request: () => Promise<Answer>) => {
    const beganAtMs = performance.now();
    const answer = await request();
    return { answer, tookMs: performance.now() - beganAtMs };
  };
  const visit = async () => {
    await sleep(random.next() * WITHIN_MS);
    const cart = await timed(() => shopper.cart(lines));
    if (cart.answer.status !== 201) return cart;
    // Who gets nothing is told by the one request that asks for the goods.
    const checkout = await timed(() => shopper.checkout(cart.answer.body.id));
    return checkout.answer.status === 201 ? timed(() => shopper.complete(checkout.answer.body.id)) : checkout;
  };
  const visits = await Promise.all(Array.from({ length: SHOPPERS }, visit));
  const outcomes = Map.groupBy(visits, ({ answer }) => (answer.status === 201 ? 'ordered' : answer.body.code));
  print(
    [...outcomes].map(([outcome, of]) => `${outcome}: ${of.length}, ${percentiles(of.map(({ tookMs }) => tookMs))}`),
  );
  const counts = Object.fromEntries([...outcomes].map(([outcome, of]) => [outcome, of.length]));
  expect(counts).toEqual({ ordered: IN_STOCK, out_of_stock: SHOPPERS - IN_STOCK });
  await atRest(shop);
  expect(await booksOf(shop)).toEqual(balanced);
  const { body } = await shop.admin.get('/v1/admin/inventory', { query: { variantId: variant!.variantId } });
  expect(body).toMatchObject({ postgres: { onHand: 0 }, holds: { count: 0 } });
}, 60_000);

function percentiles(durationsMs: readonly number[]): string {
  const sorted = [...durationsMs].sort((a, b) => a - b);
  const at = (share: number) => `${Math.round(sorted[Math.ceil(sorted.length * share) - 1] ?? 0)} ms`;
  return `p50 ${at(0.5)}, p99 ${at(0.99)}, slowest ${at(1)}`;
}

function print(rows: readonly string[]): void {
  process.stderr.write(`${rows.map((row) => `    ${row}`).join('\n')}\n`);
}

// The operational Redis is killed, frozen or cut off while customers buy: they go on buying, and when it is back each hold
// is there once and nothing was oversold.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { createRandom } from '../support/random.js';
import { joinShop, type ShopProcess } from '../support/shop.js';
import { open, shop, shopper, useShop } from '../support/shop-rig.js';
import { atRest, balanced, booksOf, query } from '../support/shop-state.js';
import { type Answer, type Loose, Shopper } from '../support/shopper.js';
import { stockProducts } from '../support/stock.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const settings = { REDIS_COMMAND_TIMEOUT_MS: '300', STANDBY_HOLDS_PER_S: '100000' };

useShop(settings);

const outages = [
  { name: 'killed', begin: () => shop.redis.operational.kill9(), end: () => shop.redis.operational.start() },
  { name: 'stopped', begin: () => shop.redis.operational.stop(), end: () => shop.redis.operational.start() },
  {
    name: 'frozen',
    begin: async () => shop.redis.operational.freeze(),
    end: async () => shop.redis.operational.thaw(),
  },
];

/** The layer is used again, and Redis has heard of every hold. */
async function inUseAgain(): Promise<void> {
  await eventually(async () => {
    const { body } = await shop.http.get<Loose>('/health');
    expect(body.checks['redis-operational'].status).toBe('up');
    expect(await query(shop, 'SELECT hold_id FROM inventory_holds WHERE NOT handed_over')).toEqual([]);
  }, 20_000);
}

const stockOf = async (variantId: string) =>
  (await shop.admin.get<Loose>('/v1/admin/inventory', { query: { variantId } })).body;

async function expectLevels(variantId: string, onHand: number, held: number): Promise<void> {
  await eventually(async () => {
    const { postgres, redis } = await stockOf(variantId);
    expect({ postgres: postgres.onHand, redis: redis?.onHand, held: redis?.held }).toEqual({
      postgres: onHand,
      redis: onHand,
      held,
    });
  }, 20_000);
}

describe.each(outages)('$name', ({ begin, end }) => {
  afterEach(inUseAgain);

  test('checkouts are opened, changed, paid and cancelled; each hold is there once afterwards', async () => {
    const before = await open(10, 2);
    const paidInBetween = await open(10, 3);
    const givenUp = await open(10, 4);
    await begin();

    const during = await open(10, 5);
    expect((await shopper.complete(paidInBetween.id)).status).toBe(201);
    expect((await shop.http.post(`/v1/checkouts/${givenUp.id}/cancel`)).status).toBe(200);
    const address = { name: 'Ada', line1: '1 New Street', city: 'London', postalCode: 'SW1A 1AA', country: 'GB' };
    expect((await shop.http.patch(`/v1/checkouts/${before.id}`, { shippingAddress: address })).status).toBe(200);
    const bought = await open(10, 6);
    expect((await shopper.complete(bought.id)).status).toBe(201);
    await end();
    await inUseAgain();

    await expectLevels(during.variant.variantId, 10, 5);
    await expectLevels(paidInBetween.variant.variantId, 7, 0);
    await expectLevels(givenUp.variant.variantId, 10, 0);
    await expectLevels(bought.variant.variantId, 4, 0);
    const read = await shop.http.get<Loose>(`/v1/checkouts/${before.id}`);
    expect(read.body.shippingAddress).toEqual(address);
    for (const { id } of [before, during]) expect((await shopper.complete(id)).status).toBe(201);
    await atRest(shop);
    await expectLevels(before.variant.variantId, 8, 0);
    await expectLevels(during.variant.variantId, 5, 0);
    expect(await booksOf(shop)).toEqual(balanced);
  }, 60_000);

  test('a hundred buyers race for twenty units while it goes away and comes back: never more than twenty are sold', async () => {
    const [variant] = await stockProducts(shop, [{ handle: `few-${randomUUID()}`, onHand: 20 }]);
    const lines = [{ variantId: variant!.variantId, quantity: 1 }];
    const buyers = Array.from({ length: 100 }, async (_, i) => {
      await sleep(i * 30);
      return untilAnswered(() => shopper.buy(lines));
    });
    await sleep(500);
    await begin();
    await sleep(1_000);
    await end();
    const answers = await Promise.all(buyers);
    expect(answers.filter(({ status }) => ![201, 409].includes(status)).map(({ body }) => body)).toEqual([]);
    expect(answers.filter(({ status }) => status === 201).length).toBeLessThanOrEqual(20);
    await sellTheRest(variant!.variantId);
  }, 90_000);
});

describe('one of two processes is cut off', () => {
  let proxy: TcpProxy;
  let cutOff: ShopProcess;
  beforeAll(async () => {
    proxy = await TcpProxy.start(shop.redis.operational.url);
    const url = proxy.urlFor(shop.redis.operational.url);
    cutOff = await joinShop(shop, { ...settings, REDIS_OPERATIONAL_URL: url });
  });
  afterAll(async () => {
    await cutOff?.close();
    await proxy?.stop();
  });
  const seesRedisAgain = () =>
    eventually(async () => {
      const { body } = await cutOff.http.get<Loose>('/health');
      expect(body.checks['redis-operational'].status).toBe('up');
    }, 20_000);

  test('its holds are handed over by the other one, once, and end wherever their checkout ends', async () => {
    const handle = `shared-${randomUUID()}`;
    const [variant] = await stockProducts(shop, [{ handle, onHand: 10 }]);
    const { variantId } = variant!;
    const there = new Shopper(cutOff.http);
    const open = async (who: Shopper, quantity: number) =>
      (await who.checkout((await who.cart([{ variantId, quantity }])).body.id)).body.id as string;
    proxy.cut();
    const [cancelledHere, cancelledThere, paidHere, paidThere] = [
      await open(there, 1),
      await open(there, 1),
      await open(there, 1),
      await open(there, 1),
    ];
    await expectLevels(variantId, 10, 4);
    const heldHere = await open(shopper, 2);
    await expectLevels(variantId, 10, 6);

    expect((await shop.http.post(`/v1/checkouts/${cancelledHere}/cancel`)).status).toBe(200);
    expect((await cutOff.http.post(`/v1/checkouts/${cancelledThere}/cancel`)).status).toBe(200);
    expect((await shopper.complete(paidHere)).status).toBe(201);
    expect((await there.complete(paidThere)).status).toBe(201);
    expect((await there.complete(heldHere)).status).toBe(201);
    await atRest(shop);
    await expectLevels(variantId, 6, 0);

    proxy.restore();
    await seesRedisAgain();
    await expectLevels(variantId, 6, 0);
    expect(await query(shop, `SELECT hold_id FROM inventory_holds WHERE state = 'held'`)).toEqual([]);
    expect(await booksOf(shop)).toEqual(balanced);
  }, 60_000);

  test('a hundred buyers on both sides race for twenty units: never more than twenty are sold', async () => {
    const [variant] = await stockProducts(shop, [{ handle: `few-${randomUUID()}`, onHand: 20 }]);
    const lines = [{ variantId: variant!.variantId, quantity: 1 }];
    const sides = [shopper, new Shopper(cutOff.http)];
    const random = createRandom('both sides');
    const buyers = Array.from({ length: 100 }, async () => {
      await sleep(random.integer(0, 3_000));
      return untilAnswered(() => random.pick(sides).buy(lines));
    });
    await sleep(300);
    proxy.blackhole();
    await sleep(2_000);
    proxy.restore();
    const answers = await Promise.all(buyers);
    expect(answers.filter(({ status }) => ![201, 409].includes(status)).map(({ body }) => body)).toEqual([]);
    expect(answers.filter(({ status }) => status === 201).length).toBeLessThanOrEqual(20);
    await seesRedisAgain();
    await sellTheRest(variant!.variantId);
  }, 90_000);
});

/** Gives up the checkouts that still hold, and buys what is left: in the end just twenty have been sold. */
async function sellTheRest(variantId: string): Promise<void> {
  await atRest(shop);
  await inUseAgain();
  const [row] = await query<{ on_hand: number }>(
    shop,
    'SELECT sum(on_hand)::int AS on_hand FROM inventory_levels WHERE variant_id = $1',
    [variantId],
  );
  // Who held before it went away may have been refused, and still holds: nothing else does.
  const holding = await query<{ id: string }>(
    shop,
    `SELECT id FROM checkout_sessions WHERE state = 'reserved' AND document->'quote'->'lines'->0->>'variantId' = $1`,
    [variantId],
  );
  await expectLevels(variantId, row!.on_hand, holding.length);
  for (const { id } of holding) expect((await shop.http.post(`/v1/checkouts/${id}/cancel`)).status).toBe(200);
  const lines = [{ variantId, quantity: 1 }];
  for (let left = row!.on_hand; left > 0; left -= 1) expect((await shopper.buy(lines)).status).toBe(201);
  expect((await shopper.buy(lines)).body.code).toBe('out_of_stock');
  await atRest(shop);
  await expectLevels(variantId, 0, 0);
  expect(await booksOf(shop)).toEqual(balanced);
}

/** Somebody who tries again when told to. */
async function untilAnswered(ask: () => Promise<Answer>): Promise<Answer> {
  for (let n = 0; n < 20; n += 1) {
    const answer = await ask();
    if (answer.status !== 503) return answer;
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    await sleep(500);
  }
  throw new Error('The shop answered 503 twenty times');
}

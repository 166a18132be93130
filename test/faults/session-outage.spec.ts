// The session Redis is killed, frozen, cut off from one process or comes back with an older file while carts change: no
// change that was acknowledged and folded is lost, and no version number ever means two contents.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { eventually } from '../support/eventually.js';
import type { HttpClient } from '../support/http-client.js';
import { createRandom } from '../support/random.js';
import { keepKeys, rollBack } from '../support/roll-back.js';
import { joinShop } from '../support/shop.js';
import { shop, useShop } from '../support/shop-rig.js';
import { query } from '../support/shop-state.js';
import { type Answer, type Loose, Shopper } from '../support/shopper.js';
import { type StockedVariant, stockProducts } from '../support/stock.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const settings = { REDIS_COMMAND_TIMEOUT_MS: '300' };
let variants: StockedVariant[];

useShop(settings);
beforeAll(async () => {
  variants = await stockProducts(
    shop,
    Array.from({ length: 6 }, (_, i) => ({ handle: `thing-${i}`, onHand: 100 })),
  );
});

/** What each version of each cart was seen to be. */
const seen = new Map<string, string>();
beforeEach(() => seen.clear());

function note({ status, body }: Answer): Answer {
  if (status === 200 || status === 201) {
    const { id, version, lines, discountCodes } = body;
    const content = JSON.stringify([lines.map((l: Loose) => [l.lineId, l.quantity]), discountCodes]);
    const earlier = seen.get(`${id}:${version}`);
    if (earlier !== undefined) expect({ id, version, content }).toEqual({ id, version, content: earlier });
    seen.set(`${id}:${version}`, content);
  }
  return { status, body } as Answer;
}

const read = async (id: string, http = shop.http) => note(await http.get<Loose>(`/v1/carts/${id}`));
const newCart = async () =>
  note(await new Shopper(shop.http).cart([{ variantId: variants[0]!.variantId, quantity: 1 }]));
const codes = async (id: string, code: string, http: HttpClient = shop.http) =>
  note(await http.put<Loose>(`/v1/carts/${id}/discount-codes`, { codes: [code] }));
async function customer(): Promise<HttpClient> {
  const account = { email: `${randomUUID()}@example.com`, password: 'correct horse battery' };
  await shop.http.post('/v1/customers', account);
  const { body } = await shop.http.post<Loose>('/v1/customers/login', account);
  return shop.http.with({ authorization: `Bearer ${body.accessToken}` });
}

const folded = (id: string, version: number) =>
  eventually(async () => {
    const [row] = await query<{ version: string }>(shop, 'SELECT version FROM carts WHERE id = $1', [id]);
    expect(Number(row?.version)).toBeGreaterThanOrEqual(version);
  });
const inUse = () =>
  eventually(async () => {
    const { body } = await shop.http.get<Loose>('/health');
    expect(body.checks['redis-session'].status).toBe('up');
  }, 20_000);

const outages = [
  { name: 'killed', begin: () => shop.redis.session.kill9(), end: () => shop.redis.session.start() },
  { name: 'frozen', begin: async () => shop.redis.session.freeze(), end: async () => shop.redis.session.thaw() },
];

describe.each(outages)('$name', ({ begin, end }) => {
  test('carts are made and changed meanwhile, and are afterwards what they were then', async () => {
    const cart = (await newCart()).body;
    const before = (await codes(cart.id, 'BEFORE')).body;
    await folded(cart.id, before.version);
    await begin();
    expect((await read(cart.id)).body).toEqual(before);
    const during = await codes(cart.id, 'DURING');
    expect(during).toMatchObject({ status: 200, body: { discountCodes: ['DURING'] } });
    const made = await newCart();
    expect(made.status).toBe(201);
    await end();
    await inUse();
    expect((await read(cart.id)).body).toEqual(during.body);
    expect((await read(made.body.id)).body).toEqual(made.body);
    const after = await codes(cart.id, 'AFTER');
    expect(after.body.version).toBeGreaterThan(during.body.version);
    await folded(cart.id, after.body.version);
  }, 60_000);

  test('many change their carts while it goes away and comes back: each version means one content', async () => {
    const random = createRandom('carts in an outage');
    const carts = await Promise.all(Array.from({ length: 10 }, newCart));
    let going = true;
    const customers = carts.map(async ({ body: { id } }) => {
      let last: Loose;
      for (let n = 0; going; n += 1) {
        const answer = await codes(id, `CODE${n}`);
        expect([200, 503]).toContain(answer.status);
        if (answer.status === 200) {
          if (last) expect(answer.body.version).toBeGreaterThan(last.version);
          last = answer.body;
        }
        await sleep(random.integer(1, 40));
      }
      return last;
    });
    await sleep(500);
    await begin();
    await sleep(1_500);
    await end();
    await inUse();
    await sleep(500);
    going = false;
    for (const last of await Promise.all(customers)) {
      expect((await read(last.id)).body).toEqual(last);
      await folded(last.id, last.version);
    }
  }, 60_000);
});

test('a cart that only it has is not there for a while, and is not said to be missing', async () => {
  const postgres = new pg.Client({ connectionString: shop.database.url });
  await postgres.connect();
  await postgres.query('BEGIN; LOCK TABLE carts IN EXCLUSIVE MODE'); // so that nothing is folded
  const { body: cart } = await newCart();
  shop.redis.session.freeze();
  for (const answer of [await read(cart.id), await codes(cart.id, 'DURING')]) {
    expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });
  }
  shop.redis.session.thaw();
  await postgres.end();
  await inUse();
  expect(await read(cart.id)).toMatchObject({ status: 200, body: cart });
  expect(await read(randomUUID())).toMatchObject({ status: 404 });
}, 20_000);

test('a cart of a customer that only it has is not replaced by an empty one', async () => {
  const http = await customer();
  const current = () => http.get<Loose>('/v1/customers/me/cart');
  // The pointer to the cart is folded, the cart is not.
  await query(
    shop,
    `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not now'; END $$;
     CREATE TRIGGER refuse BEFORE INSERT ON carts FOR EACH ROW EXECUTE FUNCTION refuse()`,
  );
  const { id } = (await current()).body;
  const filled = await http.post<Loose>(`/v1/carts/${id}/lines`, { variantId: variants[0]!.variantId, quantity: 1 });
  expect(filled.status).toBe(200);
  await eventually(async () =>
    expect(await query(shop, 'SELECT 1 FROM customer_carts WHERE cart_id = $1', [id])).toHaveLength(1),
  );
  shop.redis.session.freeze();
  await query(shop, 'DROP FUNCTION refuse CASCADE');
  expect(await current()).toMatchObject({ status: 503, body: { code: 'unavailable' } });
  shop.redis.session.thaw();
  await inUse();
  expect((await current()).body).toEqual(filled.body);
}, 20_000);

test('a customer who comes meanwhile has a cart at once', async () => {
  const http = await customer();
  const current = () => http.get<Loose>('/v1/customers/me/cart');
  const stranger = await customer();
  shop.redis.session.freeze();
  expect((await stranger.get('/v1/customers/me/cart')).status).toBe(200);
  const answers = await Promise.all([current(), current(), current()]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  shop.redis.session.thaw();
  await inUse();
  expect((await current()).body.id).toBe(answers[0]?.body.id);
}, 20_000);

test('it comes back with an older file: what was folded stays, and no number is used again', async () => {
  const cart = (await newCart()).body;
  await codes(cart.id, 'ONE');
  const old = await keepKeys(shop, 'session');
  const two = await codes(cart.id, 'TWO');
  await folded(cart.id, two.body.version);
  const three = (await codes(cart.id, 'THREE')).body; // may be lost, as the last second of an append-only file may
  await rollBack(shop, 'session', old);
  await inUse();
  const back = (await read(cart.id)).body;
  expect(back.version).toBeGreaterThanOrEqual(two.body.version);
  expect(['TWO', 'THREE']).toContain(back.discountCodes[0]);
  const four = (await codes(cart.id, 'FOUR')).body;
  expect(four.version).toBeGreaterThan(three.version);
  await rollBack(shop, 'session', old);
  await inUse();
  expect((await codes(cart.id, 'FIVE')).body.version).toBeGreaterThan(four.version);
  expect((await read(cart.id)).body.discountCodes).toEqual(['FIVE']);
}, 60_000);

test('one process is cut off: what it writes is seen by the other, and each version means one content', async () => {
  const proxy = await TcpProxy.start(shop.redis.session.url);
  const cutOff = await joinShop(shop, { ...settings, REDIS_SESSION_URL: proxy.urlFor(shop.redis.session.url) });
  try {
    const cart = (await newCart()).body;
    await folded(cart.id, cart.version);
    proxy.cut();
    const there = await codes(cart.id, 'THERE', cutOff.http);
    expect(there.status).toBe(200);
    await eventually(async () => expect((await read(cart.id)).body).toEqual(there.body));
    const here = await codes(cart.id, 'HERE');
    expect(here.body.version).toBeGreaterThan(there.body.version);
    await folded(cart.id, here.body.version);
    const again = await codes(cart.id, 'AGAIN', cutOff.http);
    expect(again.body.version).toBeGreaterThan(here.body.version);
    proxy.restore();
    await eventually(async () => {
      const { body } = await cutOff.http.get<Loose>('/health');
      expect(body.checks['redis-session'].status).toBe('up');
    }, 20_000);
    for (const http of [shop.http, cutOff.http]) expect((await read(cart.id, http)).body).toEqual(again.body);
  } finally {
    await cutOff.close();
    await proxy.stop();
  }
}, 60_000);

// A network that swallows what is sent to PostgreSQL: nothing is refused, nothing answers.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { openCheckout } from '../support/open-checkout.js';
import { joinShop, type Shop, type ShopProcess, startShop } from '../support/shop.js';
import { atRest, balanced, booksOf } from '../support/shop-state.js';
import { Shopper } from '../support/shopper.js';
import { TcpProxy } from '../support/tcp-proxy.js';

let shop: Shop;
let proxy: TcpProxy;
let cutOff: ShopProcess;

beforeAll(async () => {
  shop = await startShop();
  proxy = await TcpProxy.start(shop.database.url);
  cutOff = await joinShop(shop, {
    DATABASE_URL: proxy.urlFor(shop.database.url),
    DATABASE_STATEMENT_TIMEOUT_MS: '500',
    PAYMENT_TIMEOUT_MS: '400',
    PAYMENT_RECOVERY_AFTER_MS: '1200',
  });
});
afterAll(async () => {
  proxy?.breakConnections();
  await cutOff?.close();
  await proxy?.stop();
  await shop?.close();
});

test('requests are answered 503, and go on when the network is back', async () => {
  const { id } = await openCheckout(shop, 5, 1);
  const shopper = new Shopper(cutOff.http);
  proxy.blackhole();
  const answers = await Promise.all([1, 2, 3, 4, 5].map(() => shopper.complete(id)));
  expect(answers.map(({ status }) => status)).toEqual([503, 503, 503, 503, 503]);
  proxy.restore();
  // As a client does that sends its request again: a payment that was given up asks for a new key.
  let key = randomUUID();
  await eventually(async () => {
    const answer = await shopper.complete(id, { key });
    if (answer.body.code === 'payment_provider_unavailable') key = randomUUID();
    expect(answer.status).toBe(201);
  }, 40_000);
  await atRest(shop);
  expect(await booksOf(shop)).toEqual(balanced);
}, 90_000);

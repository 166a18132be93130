// Orders placed together: each gets what it would get alone, also when others spoil the batch or PostgreSQL drops it.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import pg from 'pg';
import type { Attempt } from '../../src/checkout/payments/attempt.js';
import { AttemptsRepository } from '../../src/checkout/payments/attempts.repository.js';
import { TestProviderRepository } from '../../src/checkout/payments/test-provider/test-provider.repository.js';
import { BeginAttempt } from '../../src/checkout/placing/begin-attempt.js';
import { PlaceOrder } from '../../src/checkout/placing/place-order.js';
import { SettleAttempt } from '../../src/checkout/placing/settle-attempt.js';
import { CheckoutSessionStore } from '../../src/checkout/session/checkout-session.store.js';
import { eventually } from '../support/eventually.js';
import { PLACING_WRITES, statementsDuring } from '../support/sent-statements.js';
import { shop, shopper, useShop } from '../support/shop-rig.js';
import { atRest, balanced, booksOf, query } from '../support/shop-state.js';
import type { Answer } from '../support/shopper.js';
import { type StockedVariant, stockProducts } from '../support/stock.js';

const LANES = 8;

useShop({ PAYMENT_TIMEOUT_MS: '1500', PAYMENT_RECOVERY_AFTER_MS: '5000' });

const part = <T>(token: abstract new (...args: never[]) => T): T => shop.app.get(token, { strict: false });
const stocked = async (...onHand: number[]): Promise<StockedVariant[]> =>
  stockProducts(
    shop,
    onHand.map((units) => ({ handle: `thing-${randomUUID()}`, onHand: units })),
  );

async function openCheckout(variantId: string): Promise<string> {
  const cart = await shopper.cart([{ variantId, quantity: 1 }]);
  const checkout = await shopper.checkout(cart.body.id);
  expect(checkout.status).toBe(201);
  return checkout.body.id;
}

/** A checkout that has come as far as its order not being placed yet. */
async function authorized(variantId: string): Promise<Attempt> {
  const session = await part(CheckoutSessionStore).getRecent(await openCheckout(variantId));
  const claim = { scope: `complete:${session.id}`, key: randomUUID(), requestHash: Buffer.alloc(32) };
  const begun = await part(BeginAttempt).begin(session, claim, 'test');
  if (begun.kind !== 'begun') throw new Error(`The payment did not begin: ${begun.kind}`);
  const { id: key, amountMinor, currency } = begun.attempt;
  const charge = { key, amountMinor, currency, token: 'tok_ok' };
  await part(TestProviderRepository).authorize(charge, AbortSignal.timeout(1_000));
  await part(AttemptsRepository).move(undefined, begun.attempt, ['paying'], { state: 'authorized' });
  return { ...begun.attempt, state: 'authorized' };
}

const settle = (attempt: Attempt) => part(SettleAttempt).settle(attempt, { kind: 'authorized', reference: attempt.id });

test('one has another price, one is short, one was taken over, one has a cart that was ordered: the others are placed', async () => {
  const [plenty, dearer, rare] = await stocked(20, 5, 1);
  const others = await Promise.all([1, 2, 3, 4].map(() => authorized(plenty!.variantId)));
  const ordered = await authorized(plenty!.variantId);
  await settle(ordered);
  const changed = await authorized(dearer!.variantId);
  const short = await authorized(rare!.variantId);
  const lost = await authorized(plenty!.variantId);
  const twice = { ...(await authorized(plenty!.variantId)), cartId: ordered.cartId };
  await query(shop, 'UPDATE variant_prices SET amount_minor = amount_minor + 1 WHERE variant_id = $1', [
    dearer!.variantId,
  ]);
  await shop.admin.post('/v1/admin/inventory/adjustments', { sku: rare!.sku, onHand: 0, reason: 'lost' });
  await query(shop, 'UPDATE payment_attempts SET fence = fence + 1 WHERE id = $1', [lost.id]);

  // What is asked for in one tick is one batch.
  const mixed = [others[0]!, changed, others[1]!, short, lost, others[2]!, twice, others[3]!];
  const placings = await Promise.all(mixed.map((attempt) => part(PlaceOrder).place(attempt)));
  expect(placings.map((placing) => (placing.kind === 'refused' ? placing.refusal.kind : placing.kind))).toEqual([
    'placed',
    'price_changed',
    'placed',
    'short',
    'lost',
    'placed',
    'cart_ordered',
    'placed',
  ]);
  for (const attempt of [changed, short, twice]) expect((await settle(attempt)).kind).toBe('answered');
  expect((await settle({ ...lost, fence: lost.fence + 1 })).kind).toBe('answered');
  await atRest(shop);
  const placed = await query<{ id: string }>(shop, 'SELECT id FROM orders WHERE id = ANY ($1)', [
    [...mixed, ordered].map(({ orderId }) => orderId),
  ]);
  const expected = [...others, ordered, lost].map(({ orderId }) => orderId);
  expect(placed.map(({ id }) => id).sort()).toEqual(expected.sort());
  expect(await booksOf(shop)).toEqual(balanced);
});

test('what placing writes is sent at once, in the order of the locks that it takes', async () => {
  const [thing] = await stocked(5);
  const attempt = await authorized(thing!.variantId);
  const names = await statementsDuring(() => part(PlaceOrder).place(attempt));
  const first = names.indexOf('payment_attempts_place');
  expect(names.slice(first).filter((name) => PLACING_WRITES.includes(name))).toEqual(PLACING_WRITES);
  expect(names.indexOf('payment_attempts_place answered')).toBeGreaterThan(names.indexOf('inventory_allocate'));
  await atRest(shop);
});

test('one that is placed twice in a batch is placed once, and an order that cannot be written spoils itself only', async () => {
  const [plenty] = await stocked(20);
  const [first, second, broken] = await Promise.all([1, 2, 3].map(() => authorized(plenty!.variantId)));
  // Its order has an id that an earlier order has.
  const taken = { ...broken!, orderId: (await settle(await authorized(plenty!.variantId)).then(() => lastOrderId()))! };
  const outcomes = await Promise.allSettled(
    [first!, second!, first!, taken].map((attempt) => part(PlaceOrder).place(attempt)),
  );
  expect(outcomes.map((one) => (one.status === 'fulfilled' ? one.value.kind : one.status))).toEqual([
    'placed',
    'placed',
    'lost',
    'rejected',
  ]);
  await settle(broken!);
  await atRest(shop);
  expect(await booksOf(shop)).toEqual(balanced);
});

async function lastOrderId(): Promise<string | undefined> {
  const [row] = await query<{ id: string }>(shop, 'SELECT id FROM orders ORDER BY number DESC LIMIT 1');
  return row?.id;
}

/**
 * Sends the same request until it is answered for good. The test provider keeps its books in the database that is cut: when
 * its payment was given up, the answer says that nothing was charged and asks for a new key.
 */
async function completeAtLast(id: string, firstKey: string): Promise<Answer> {
  let key = firstKey;
  return eventually(async () => {
    const answer = await shopper.complete(id, { key });
    if (answer.body.code === 'payment_provider_unavailable') key = randomUUID();
    if (answer.status !== 201) throw new Error(`not placed yet: ${JSON.stringify(answer.body)}`);
    return answer;
  }, 30_000);
}

/** Ends connections of the shop. */
const cutSql = (where: string) =>
  `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
   WHERE datname = current_database() AND application_name = 'tiershop' AND ${where}`;

async function eachOrderIsThereOnce(answers: readonly Answer[]): Promise<void> {
  await atRest(shop);
  const ids = answers.map(({ body }) => body.id as string).sort();
  const found = await query<{ id: string }>(shop, 'SELECT id FROM orders WHERE id = ANY ($1)', [ids]);
  expect(found.map(({ id }) => id).sort()).toEqual(ids);
  expect(await booksOf(shop)).toEqual(balanced);
}

test('the connection is cut while a batch waits for a level: nobody is told yes, and each order is placed in the end', async () => {
  const [hot] = await stocked(50);
  const ids = await Promise.all(Array.from({ length: 12 }, () => openCheckout(hot!.variantId)));
  const keys = ids.map(() => randomUUID());
  const blocker = new pg.Client({ connectionString: shop.database.url });
  await blocker.connect();
  await blocker.query('BEGIN');
  await blocker.query('SELECT FROM inventory_levels WHERE variant_id = $1 FOR UPDATE', [hot!.variantId]);
  let isAnswered = false;
  const completing = Promise.all(ids.map((id, i) => shopper.complete(id, { key: keys[i]! }))).finally(() => {
    isAnswered = true;
  });
  let cuts = 0;
  while (!isAnswered) {
    cuts += (await query(shop, cutSql(`wait_event_type = 'Lock'`))).length;
    await sleep(50);
  }
  await blocker.query('COMMIT');
  await blocker.end();
  expect(cuts).toBeGreaterThan(0);
  expect((await completing).filter(({ status }) => status < 300)).toEqual([]);
  const answers = await Promise.all(ids.map((id, i) => completeAtLast(id, keys[i]!)));
  await eachOrderIsThereOnce(answers);
  const [level] = await query<{ on_hand: number }>(shop, 'SELECT on_hand FROM inventory_levels WHERE variant_id = $1', [
    hot!.variantId,
  ]);
  expect(level!.on_hand).toBe(50 - ids.length);
}, 60_000);

test('connections are cut at any moment of a batch: each order is placed once', async () => {
  const variants = await stocked(1_000, 1_000);
  const ids = await Promise.all(
    Array.from({ length: 40 }, (_, i) => openCheckout(variants[i % variants.length]!.variantId)),
  );
  const keys = ids.map(() => randomUUID());
  const cutter = new pg.Client({ connectionString: shop.database.url });
  await cutter.connect();
  let isCutting = true;
  let cuts = 0;
  const cutting = (async () => {
    while (isCutting || cuts === 0) {
      cuts += (await cutter.query(cutSql('backend_xid IS NOT NULL AND random() < 0.3'))).rowCount ?? 0;
      await sleep(2);
    }
    await cutter.end();
  })();
  const lane = async (first: number) => {
    const answers: Answer[] = [];
    for (let i = first; i < ids.length; i += LANES) answers.push(await completeAtLast(ids[i]!, keys[i]!));
    return answers;
  };
  const answering = Promise.all(Array.from({ length: LANES }, (_, first) => lane(first)));
  await sleep(1_500);
  isCutting = false;
  const answers = (await answering).flat();
  // Transactions are short: all of them may have slipped through.
  while (cuts === 0) {
    answers.push(await completeAtLast(await openCheckout(variants[0]!.variantId), randomUUID()));
  }
  await cutting;
  await eachOrderIsThereOnce(answers);
}, 90_000);

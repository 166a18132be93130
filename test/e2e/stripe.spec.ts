// The official SDK against a local server that behaves as Stripe documents: whatever fails on the way, an order has one
// captured payment, and no payment holds money without an order.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PaymentRefunds } from '../../src/checkout/payments/refunds/payment-refunds.js';
import { eventually } from '../support/eventually.js';
import { openCheckout } from '../support/open-checkout.js';
import { type Shop, startShop } from '../support/shop.js';
import { atRest, query } from '../support/shop-state.js';
import { type Answer, type Loose, Shopper } from '../support/shopper.js';
import type { Intent } from '../support/stripe/stripe-account.js';
import { type Failure, STRIPE_KEY, STRIPE_WEBHOOK_SECRET, StripeServer } from '../support/stripe/stripe-server.js';

let stripe: StripeServer;
let shop: Shop;
let shopper: Shopper;

beforeAll(async () => {
  stripe = await StripeServer.start();
  shop = await startShop({
    STRIPE_SECRET_KEY: STRIPE_KEY,
    STRIPE_WEBHOOK_SECRET,
    STRIPE_API_URL: stripe.url,
    PAYMENT_TIMEOUT_MS: '300',
    PAYMENT_RECOVERY_AFTER_MS: '900',
  });
  shopper = new Shopper(shop.http);
});

afterAll(async () => {
  await shop?.close();
  await stripe?.stop();
});

const VISA = 'pm_card_visa';
const SECURE = 'pm_card_threeDSecure2Required';
const POOR = 'pm_card_chargeDeclinedInsufficientFunds';

const complete = (id: string, token: string, key = randomUUID()): Promise<Answer> =>
  shopper.complete(id, { provider: 'stripe', token, key });
/** As a client does that resubmits an unknown outcome with the same key. */
const completeUntilKnown = (id: string, token: string, key = randomUUID()): Promise<Answer> =>
  eventually(async () => {
    const answer = await complete(id, token, key);
    if (answer.body.code === 'checkout_in_progress') throw new Error('The outcome is not known yet.');
    return answer;
  }, 20_000);
const intentsOf = async (checkoutId: string): Promise<Intent[]> => {
  const attempts = await query<{ id: string }>(shop, 'SELECT id FROM payment_attempts WHERE checkout_id = $1', [
    checkoutId,
  ]);
  const ids = new Set(attempts.map(({ id }) => id));
  return [...stripe.intents.values()].filter(({ metadata }) => ids.has(metadata.payment!));
};
const send = ({ body, headers }: { body: Buffer; headers: Record<string, string> }): Promise<Answer> =>
  shop.http.post('/v1/payments/stripe/webhook', body, { headers });
/** At rest: the order, if there is one, is paid by one captured intent, and no other intent holds or can take money. */
async function expectBalanced(checkoutId: string): Promise<number> {
  await atRest(shop);
  const orders = await query<{ total: number; state: string }>(
    shop,
    'SELECT total_minor::int AS total, state FROM orders WHERE checkout_id = $1',
    [checkoutId],
  );
  const intents = await intentsOf(checkoutId);
  const paid = intents.filter(({ status }) => status === 'succeeded').map((intent) => intent.amount_received);
  expect(paid).toEqual(orders.map(({ total }) => total));
  expect(orders.every(({ state }) => state === 'captured')).toBe(true);
  expect(
    intents.filter(({ status }) => ['requires_capture', 'requires_action', 'processing'].includes(status)),
  ).toEqual([]);
  return orders.length;
}

test('a payment: one intent, captured in full, named by the attempt', async () => {
  const { id } = await openCheckout(shop, 5, 1);
  const key = randomUUID();
  const placed = await complete(id, VISA, key);
  expect(placed.status).toBe(201);
  expect((await complete(id, VISA, key)).body).toEqual(placed.body);
  expect(await expectBalanced(id)).toBe(1);
  const [attempt] = await query<Loose>(shop, 'SELECT * FROM payment_attempts WHERE checkout_id = $1', [id]);
  expect((await intentsOf(id)).map((intent) => [intent.id, intent.metadata])).toEqual([
    [attempt.provider_reference, { payment: attempt.id }],
  ]);
});

test('declined: 402 with the code of the bank, and nothing is left that the browser could confirm', async () => {
  const { id } = await openCheckout(shop, 5, 1);
  const declined = await complete(id, POOR);
  expect(declined).toMatchObject({
    status: 402,
    body: { code: 'payment_declined', declineCode: 'insufficient_funds' },
  });
  await atRest(shop);
  expect((await intentsOf(id)).map(({ status }) => status)).toEqual(['canceled']);
  expect((await complete(id, VISA)).status).toBe(201);
  expect(await expectBalanced(id)).toBe(1);
});

test('a payment method that Stripe does not know is declined', async () => {
  const { id } = await openCheckout(shop, 5, 1);
  expect(await complete(id, 'pm_unknown')).toMatchObject({ status: 402, body: { declineCode: 'resource_missing' } });
  expect(await expectBalanced(id)).toBe(0);
});

const failures: Omit<Failure, 'path'>[] = [
  { kind: 'hang' },
  { kind: 'reset' },
  ...[500, 503, 409, 429].map((status) => ({ kind: 'status', status }) as const),
];
const requests: [string, RegExp][] = [
  ['create', /^POST \/v1\/payment_intents$/],
  ['confirm', /\/confirm$/],
  ['capture', /\/capture$/],
];
test.each(
  requests.flatMap(([name, path]) =>
    failures.map((failure) => [name, JSON.stringify(failure), { ...failure, path }] as const),
  ),
)('%s meets %s: one order and one charge, or neither, and a new key pays', async (_name, _failure, failure) => {
  const { id } = await openCheckout(shop, 5, 1);
  stripe.failNext(failure as Failure);
  const answer = await completeUntilKnown(id, VISA);
  expect([201, 502]).toContain(answer.status);
  expect(await expectBalanced(id)).toBe(answer.status === 201 ? 1 : 0);
  if (answer.status === 201) return;
  expect((await completeUntilKnown(id, VISA)).status).toBe(201);
  expect(await expectBalanced(id)).toBe(1);
});

test('a void whose answer is lost is repeated, and a late confirmation of its intent takes nothing', async () => {
  const { id } = await openCheckout(shop, 5, 1);
  stripe.failNext({ path: /\/cancel$/, kind: 'hang' });
  await complete(id, POOR);
  expect(await expectBalanced(id)).toBe(0);
  expect((await intentsOf(id)).map(({ status }) => status)).toEqual(['canceled']);
});

test.each([
  ['is known', undefined],
  ['was done, but its answer is lost', 'hang'],
  ['was not done', 'reset'],
] as const)('an order that is cancelled when its capture %s: all the money goes back', async (_when, kind) => {
  const { id } = await openCheckout(shop, 5, 1);
  if (kind) stripe.failNext({ path: /\/capture$/, kind });
  const placed = await complete(id, VISA);
  const [made] = await intentsOf(id);
  const asked = () => stripe.requests.filter((request) => request === `POST /v1/payment_intents/${made!.id}/capture`);
  if (kind) await eventually(() => expect(asked()).not.toEqual([]));
  else await atRest(shop);
  const cancelled = await shop.admin.post<Loose>(`/v1/admin/orders/${placed.body.id}/cancel`, {});
  expect([cancelled.status, cancelled.body.state]).toEqual([200, 'cancelled']);
  await eventually(async () => {
    const [intent] = await intentsOf(id);
    const keptMinor = intent!.amount_received - (intent!.latest_charge?.amount_refunded ?? 0);
    expect({ keptMinor, isOver: ['succeeded', 'canceled'].includes(intent!.status) }).toEqual({
      keptMinor: 0,
      isOver: true,
    });
  }, 15_000);
  await atRest(shop);
  expect((await query<Loose>(shop, 'SELECT state FROM payment_attempts WHERE checkout_id = $1', [id]))[0].state).toBe(
    kind ? 'voided' : 'captured',
  );
});

describe('3-D Secure', () => {
  test('202 with what the browser needs, the same again while it waits, 201 once the customer has confirmed', async () => {
    const { id } = await openCheckout(shop, 5, 1);
    const key = randomUUID();
    const waiting = await complete(id, SECURE, key);
    const [intent] = await intentsOf(id);
    const action = { type: 'use_stripe_sdk', clientSecret: intent!.client_secret, redirectUrl: null };
    expect(waiting).toMatchObject({ status: 202, body: { checkoutId: id, state: 'requires_action', action } });
    expect((await complete(id, SECURE, key)).body).toEqual(waiting.body);
    const kept = await query(shop, `SELECT 1 FROM payment_attempts WHERE payment_attempts::text LIKE '%_secret_%'`);
    expect(kept).toEqual([]);
    stripe.authenticate(intent!.id, 'succeeds');
    expect((await completeUntilKnown(id, SECURE, key)).status).toBe(201);
    expect(await expectBalanced(id)).toBe(1);
  });

  test('confirmed, and only the webhook tells: the order is placed, and the key has its answer', async () => {
    const { id } = await openCheckout(shop, 5, 1);
    const key = randomUUID();
    await complete(id, SECURE, key);
    const [intent] = await intentsOf(id);
    stripe.authenticate(intent!.id, 'succeeds');
    expect((await send(stripe.webhook('payment_intent.amount_capturable_updated', intent!))).status).toBe(204);
    expect((await complete(id, SECURE, key)).status).toBe(201);
    expect(await expectBalanced(id)).toBe(1);
  });

  test('confirmed, and nobody tells: recovery asks', async () => {
    const { id } = await openCheckout(shop, 5, 1);
    await complete(id, SECURE);
    stripe.authenticate((await intentsOf(id))[0]!.id, 'succeeds');
    await eventually(
      async () => expect(await query(shop, 'SELECT 1 FROM orders WHERE checkout_id = $1', [id])).toHaveLength(1),
      10_000,
    );
    expect(await expectBalanced(id)).toBe(1);
  });

  test('not confirmed: 402, and the checkout can be paid again', async () => {
    const { id } = await openCheckout(shop, 5, 1);
    const key = randomUUID();
    await complete(id, SECURE, key);
    const [intent] = await intentsOf(id);
    stripe.authenticate(intent!.id, 'fails');
    expect((await send(stripe.webhook('payment_intent.payment_failed', intent!))).status).toBe(204);
    expect(await complete(id, SECURE, key)).toMatchObject({ status: 402, body: { code: 'payment_declined' } });
    expect((await complete(id, VISA)).status).toBe(201);
    expect(await expectBalanced(id)).toBe(1);
  });

  test('another key gives the waiting payment up; confirming it afterwards takes nothing', async () => {
    const { id } = await openCheckout(shop, 5, 1);
    const key = randomUUID();
    await complete(id, SECURE, key);
    expect((await complete(id, VISA)).status).toBe(201);
    expect(await complete(id, SECURE, key)).toMatchObject({ status: 402, body: { code: 'payment_declined' } });
    expect(await expectBalanced(id)).toBe(1);
    expect((await intentsOf(id)).map(({ status }) => status).sort()).toEqual(['canceled', 'succeeded']);
  });

  test.each(['cancel', 'begin another'])(
    'the customer does not confirm but comes to %s: the payment is given up',
    async (wish) => {
      const { id, cartId } = await openCheckout(shop, 5, 1);
      const key = randomUUID();
      await complete(id, SECURE, key);
      const answer: Answer =
        wish === 'cancel' ? await shop.http.post(`/v1/checkouts/${id}/cancel`) : await shopper.checkout(cartId);
      expect(answer.status).toBe(wish === 'cancel' ? 200 : 201);
      expect((await shop.http.get<Loose>(`/v1/checkouts/${id}`)).body.state).toBe('cancelled');
      expect(await complete(id, SECURE, key)).toMatchObject({ status: 402, body: { code: 'payment_declined' } });
      expect(await expectBalanced(id)).toBe(0);
      expect((await intentsOf(id)).map(({ status }) => status)).toEqual(['canceled']);
    },
  );

  test('nobody comes back in time: the payment is given up, the key answered', async () => {
    const { id } = await openCheckout(shop, 5, 1);
    const key = randomUUID();
    await complete(id, SECURE, key);
    await query(shop, `UPDATE payment_attempts SET action = action || '{"expiresAtMs": 1}' WHERE checkout_id = $1`, [
      id,
    ]);
    expect(await completeUntilKnown(id, SECURE, key)).toMatchObject({
      status: 402,
      body: { code: 'payment_declined' },
    });
    expect(await expectBalanced(id)).toBe(0);
  });
});

describe('webhooks', () => {
  const types = ['payment_intent.created', 'payment_intent.amount_capturable_updated', 'payment_intent.succeeded'];

  test('before, beside and after the answer, twice, in any order: one order', async () => {
    const { id } = await openCheckout(shop, 5, 1);
    const key = randomUUID();
    const events = () =>
      intentsOf(id).then((intents) => intents.flatMap((intent) => types.map((type) => stripe.webhook(type, intent))));
    const sent: Promise<Answer>[] = [];
    // The confirmation does its work and never answers: webhooks are the first to tell.
    stripe.failNext({ path: /\/confirm$/, kind: 'hang' });
    const completing = complete(id, VISA, key);
    await eventually(async () =>
      expect((await intentsOf(id)).map(({ status }) => status)).toEqual(['requires_capture']),
    );
    for (const event of [...(await events()).reverse(), ...(await events())]) sent.push(send(event), send(event));
    const answers = [await completing, await completeUntilKnown(id, VISA, key)];
    expect(answers.at(-1)!.status).toBe(201);
    expect((await Promise.all(sent)).map(({ status }) => status)).toEqual(sent.map(() => 204));
    expect(await expectBalanced(id)).toBe(1);
    for (const event of await events()) expect((await send(event)).status).toBe(204);
    expect(await expectBalanced(id)).toBe(1);
  });

  test('a payment of somebody else, and an event about no payment: 204, so that Stripe stops', async () => {
    const foreign = { id: 'pi_of_another_shop', object: 'payment_intent' };
    expect((await send(stripe.webhook('payment_intent.succeeded', foreign))).status).toBe(204);
    expect((await send(stripe.webhook('customer.created', { id: 'cus_1', object: 'customer' }))).status).toBe(204);
  });

  test('one that cannot be carried out now is answered 503, and carried out when it comes again', async () => {
    const { id } = await openCheckout(shop, 5, 1);
    await complete(id, SECURE);
    const [intent] = await intentsOf(id);
    stripe.authenticate(intent!.id, 'succeeds');
    const event = stripe.webhook('payment_intent.amount_capturable_updated', intent!);
    stripe.failNext({ path: new RegExp(`/${intent!.id}$`), kind: 'status', status: 500 });
    const first = await send(event);
    expect([first.status, first.headers.get('retry-after')]).toEqual([503, '10']);
    expect((await send(event)).status).toBe(204);
    expect(await expectBalanced(id)).toBe(1);
  });

  test('a signature that is missing, of another body, of another secret or too old: 400, and nothing is written', async () => {
    const before = await query(shop, 'SELECT count(*)::int AS n FROM payment_webhooks');
    const good = stripe.webhook('payment_intent.succeeded', { id: 'pi_1', object: 'payment_intent' });
    const old = stripe.webhook(
      'payment_intent.succeeded',
      { id: 'pi_1', object: 'payment_intent' },
      { atMs: Date.now() - 600_000 },
    );
    const { 'stripe-signature': signature, ...unsigned } = good.headers;
    const bad = [
      { ...good, headers: unsigned },
      { ...good, body: Buffer.from(JSON.stringify(JSON.parse(good.body.toString()))) },
      { ...good, headers: { ...unsigned, 'stripe-signature': signature.replace(/v1=../, 'v1=00') } },
      { ...good, headers: { ...unsigned, 'stripe-signature': 'garbage' } },
      old,
    ];
    for (const webhook of bad) {
      expect(await send(webhook)).toMatchObject({ status: 400, body: { code: 'webhook_refused' } });
    }
    expect(await query(shop, 'SELECT count(*)::int AS n FROM payment_webhooks')).toEqual(before);
  });
});

describe('refunds', () => {
  const refundsOf = async (checkoutId: string) => {
    const [intent] = await intentsOf(checkoutId);
    return stripe.refunds.filter((refund) => refund.payment_intent === intent!.id).map(({ amount }) => amount);
  };

  test('the same key once, never more than was captured, and a lost answer is asked for again', async () => {
    const refunds = shop.app.get(PaymentRefunds, { strict: false });
    const { id } = await openCheckout(shop, 5, 1);
    await complete(id, VISA);
    await atRest(shop);
    const [attempt] = await query<Loose>(
      shop,
      'SELECT id, amount_minor::int FROM payment_attempts WHERE checkout_id = $1',
      [id],
    );
    const total: number = attempt.amount_minor;
    expect(await refunds.refund(attempt.id, 'first', 500)).toEqual({ kind: 'refunded' });
    expect(await refunds.refund(attempt.id, 'first', 500)).toEqual({ kind: 'refunded' });
    expect(await refunds.refund(attempt.id, 'first', 501)).toEqual({ kind: 'reused' });
    expect(await refunds.refund(attempt.id, 'too much', total)).toEqual({ kind: 'exceeds', leftMinor: total - 500 });
    // Stripe repeats a 500 to the same key for a day: the refund waits for its outcome, and is made once.
    stripe.failNext({ path: /^POST \/v1\/refunds$/, kind: 'status', status: 500 });
    expect(await refunds.refund(attempt.id, 'second', 700)).toEqual({ kind: 'pending' });
    expect(await refunds.refund(attempt.id, 'second', 700)).toEqual({ kind: 'pending' });
    stripe.forgetKeys();
    const retry = async () => {
      await query(shop, `UPDATE payment_refunds SET updated_at = now() - interval '1 hour' WHERE state = 'requested'`);
      expect((await shop.admin.post('/v1/admin/jobs/retry-refunds/run')).status).toBeLessThan(300);
    };
    await retry();
    await eventually(async () => expect(await refundsOf(id)).toEqual([500, 700]));
    // Made, but its answer is lost and its key forgotten.
    stripe.failNext({ path: /^POST \/v1\/refunds$/, kind: 'hang' });
    expect(await refunds.refund(attempt.id, 'third', 100)).toEqual({ kind: 'pending' });
    stripe.forgetKeys();
    expect(await refunds.refund(attempt.id, 'third', 100)).toEqual({ kind: 'refunded' });
    expect(await refundsOf(id)).toEqual([500, 700, 100]);
    const both = [refunds.refund(attempt.id, 'rest', total - 1_300), refunds.refund(attempt.id, 'too', 1)];
    expect((await Promise.all(both)).map(({ kind }) => kind).sort()).toEqual(['exceeds', 'refunded']);
    expect((await refundsOf(id)).reduce((sum, amount) => sum + amount)).toBeLessThanOrEqual(total);
  });
});

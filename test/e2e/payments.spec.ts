// Payments beside the straight way: webhooks at every moment, checkouts that nobody pays, payments by hand, and those that a
// person must resolve.
import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { AttemptsRepository } from '../../src/checkout/payments/attempts.repository.js';
import type { PaymentProvider } from '../../src/checkout/payments/payment-provider.js';
import { PaymentRefunds } from '../../src/checkout/payments/refunds/payment-refunds.js';
import { TestProviderRepository } from '../../src/checkout/payments/test-provider/test-provider.repository.js';
import { eventually } from '../support/eventually.js';
import { open, shop, shopper, useShop } from '../support/shop-rig.js';
import { atRest, balanced, booksOf, query } from '../support/shop-state.js';
import type { Answer, Loose } from '../support/shopper.js';
import { testWebhook } from '../support/test-webhook.js';

const SECRET = 'secret of the test provider';
let provider: PaymentProvider;
const real: PaymentProvider = TestProviderRepository.prototype;

useShop({ TEST_PROVIDER_WEBHOOK_SECRET: SECRET, PAYMENT_TIMEOUT_MS: '400', PAYMENT_RECOVERY_AFTER_MS: '1200' });
beforeAll(async () => {
  provider = shop.app.get(TestProviderRepository, { strict: false });
});
afterEach(() => {
  for (const name of ['authorize', 'capture', 'void', 'fetch'] as const) delete (provider as Loose)[name];
});

const send = ({ body, headers }: ReturnType<typeof testWebhook>): Promise<Answer> =>
  shop.http.post('/v1/payments/test/webhook', body, { headers });
const attemptOf = async (checkoutId: string): Promise<Loose> =>
  (
    await query<Loose>(shop, 'SELECT * FROM payment_attempts WHERE checkout_id = $1 ORDER BY created_at DESC', [
      checkoutId,
    ])
  )[0];
const runJob = async (name: string) =>
  expect((await shop.admin.post(`/v1/admin/jobs/${name}/run`)).status).toBeLessThan(300);

describe('a webhook', () => {
  /** When the provider tells: while it authorizes, after it has answered, or not at all; `retry`: the client sends again. */
  const moments = ['too early', 'before', 'after', 'twice before', 'twice after', 'before and after', 'never'] as const;
  const cases = moments.flatMap((moment) =>
    ['tok_ok', 'tok_timeout_then_ok', 'tok_declined'].map((token) => [moment, token] as const),
  );

  test.each(cases)(
    '%s, with %s, beside client retries: one order or none, one charge or none',
    async (moment, token) => {
      const { id } = await open();
      const key = randomUUID();
      const sent: Promise<Answer>[] = [];
      const tell = (payment: string) => {
        const webhook = testWebhook(SECRET, payment);
        sent.push(send(webhook));
        if (moment.startsWith('twice')) sent.push(send(webhook));
      };
      provider.authorize = async (charge, signal) => {
        // Of something else than the money, such as that the payment has been made known.
        if (moment === 'too early') {
          tell(charge.key);
          await Promise.all(sent);
        }
        // The provider has done its work and tells at once; its answer to the shop is still on its way.
        const authorized = real.authorize.call(provider, charge, signal);
        if (moment.includes('before')) {
          await eventually(async () =>
            expect((await real.fetch.call(provider, charge.key, signal)).kind).not.toBe('none'),
          );
          tell(charge.key);
        }
        return authorized;
      };
      const answers = await Promise.all([1, 2, 3].map(() => shopper.complete(id, { key, token })));
      const known = await eventually(async () => {
        const answer = await shopper.complete(id, { key, token });
        expect(answer.body.code).not.toBe('checkout_in_progress');
        return answer;
      });
      const { id: attemptId } = await attemptOf(id);
      if (moment.includes('after')) tell(attemptId);
      await Promise.all(sent);
      expect(known.status).toBe(token === 'tok_declined' ? 402 : 201);
      for (const { status, body } of answers) if (status !== 409) expect(body).toEqual(known.body);
      expect(sent.length).toBe({ never: 0, 'too early': 1, before: 1, after: 1 }[moment as 'never'] ?? 2);
      for (const answer of await Promise.all(sent)) expect(answer.status).toBe(204);
      await atRest(shop);
      const attempts = await query(shop, 'SELECT 1 FROM payment_attempts WHERE checkout_id = $1', [id]);
      const orders = await query(shop, 'SELECT 1 FROM orders WHERE checkout_id = $1', [id]);
      expect([attempts.length, orders.length]).toEqual([1, token === 'tok_declined' ? 0 : 1]);
      expect(await booksOf(shop)).toEqual(balanced);
    },
  );

  test('tells of money that came after the end: it is given back', async () => {
    const { id } = await open();
    await shopper.complete(id, { token: 'tok_declined' });
    await atRest(shop);
    const { id: attemptId } = await attemptOf(id);
    await query(
      shop,
      `UPDATE test_provider_payments SET state = 'captured', captured_minor = amount_minor WHERE key = $1`,
      [attemptId],
    );
    expect((await send(testWebhook(SECRET, attemptId))).status).toBe(204);
    expect((await attemptOf(id)).state).toBe('voided');
    const [refunded] = await query<Loose>(
      shop,
      `SELECT p.captured_minor = r.amount_minor AS in_full FROM test_provider_payments p
       JOIN test_provider_refunds r ON r.payment_key = p.key WHERE p.key = $1`,
      [attemptId],
    );
    expect(refunded).toEqual({ in_full: true });
    await query(shop, 'DELETE FROM test_provider_payments WHERE key = $1', [attemptId]);
  });

  test('that is not signed, or no event, or about nothing known: 400 and nothing written, or 204', async () => {
    const rows = () => query(shop, 'SELECT count(*)::int AS n FROM payment_webhooks');
    const before = await rows();
    const good = testWebhook(SECRET, randomUUID());
    const bad = [
      testWebhook('another secret', randomUUID()),
      { ...good, body: Buffer.from(`${good.body} `) },
      { ...good, body: Buffer.from('not JSON') },
      { ...good, body: Buffer.from([0xff, 0x00]) },
      { ...good, headers: { 'content-type': 'application/json', 'test-signature': 't=1,v1=' } },
    ];
    for (const webhook of bad)
      expect(await send(webhook)).toMatchObject({ status: 400, body: { code: 'webhook_refused' } });
    expect((await shop.http.post('/v1/payments/manual/webhook', {})).status).toBe(400);
    expect((await shop.http.post('/v1/payments/nobody/webhook', {})).status).toBe(404);
    expect((await shop.http.post('/v1/payments/test/webhook', 'text')).status).toBe(415);
    expect((await shop.http.post('/v1/payments/test/webhook', { a: 'x'.repeat(300_000) })).status).toBe(413);
    expect(await rows()).toEqual(before);
    expect((await send(good)).status).toBe(204);
  });
});

describe('a checkout that nobody pays', () => {
  const age = (id: string) =>
    query(shop, `UPDATE checkout_sessions SET updated_at = now() - interval '2 days' WHERE id = $1`, [id]);

  test('expires in PostgreSQL and for readers, and its stock is free again', async () => {
    const { id, variant } = await open(5, 5);
    await age(id);
    await runJob('expire-checkouts');
    await atRest(shop);
    expect((await shop.http.get<Loose>(`/v1/checkouts/${id}`)).body.state).toBe('expired');
    expect(await shopper.complete(id)).toMatchObject({ status: 409, body: { code: 'checkout_closed' } });
    expect((await shopper.buy([{ variantId: variant.variantId, quantity: 5 }])).status).toBe(201);
  });

  test('is left alone while it is being paid, however long that takes', async () => {
    const { id } = await open();
    const { id: unpaid } = await open();
    const stateOf = async (checkoutId: string) =>
      (await shop.http.get<Loose>(`/v1/checkouts/${checkoutId}`)).body.state;
    provider.authorize = async (charge, signal) => {
      await Promise.all([age(id), age(unpaid)]);
      await runJob('expire-checkouts');
      await eventually(async () => expect(await stateOf(unpaid)).toBe('expired'));
      return real.authorize.call(provider, charge, signal);
    };
    const placed = await shopper.complete(id);
    expect(placed.status).toBe(201);
    await atRest(shop);
    expect((await shop.http.get(`/v1/checkouts/${id}`)).body).toMatchObject({
      state: 'captured',
      orderId: placed.body.id,
    });
  });
});

describe('a payment by hand', () => {
  const buy = async () => {
    const { id } = await open();
    return shopper.complete(id, { provider: 'manual', token: 'invoice' });
  };

  test('is an order at once, and paid when an administrator says so', async () => {
    const placed = await buy();
    expect(placed).toMatchObject({ status: 201, body: { state: 'placed' } });
    await eventually(async () => expect(await query(shop, 'SELECT 1 FROM outbox')).toEqual([]));
    const { id, state } = await attemptOf(placed.body.checkoutId);
    expect(state).toBe('placed');
    expect((await shop.admin.get<Loose>(`/v1/admin/payments/${id}`)).body.resolutions).toEqual(['mark-paid']);
    const paid = await shop.admin.post(`/v1/admin/orders/${placed.body.id}/mark-paid`);
    expect(paid).toMatchObject({ status: 200, body: { state: 'captured', orderId: placed.body.id, resolutions: [] } });
    expect((await shop.admin.get(`/v1/admin/orders/${placed.body.id}`)).body).toMatchObject({ state: 'captured' });
    expect((await shop.http.get(`/v1/checkouts/${placed.body.checkoutId}`)).body).toMatchObject({ state: 'captured' });
    expect(await shop.admin.post(`/v1/admin/payments/${id}/mark-paid`)).toMatchObject({
      status: 409,
      body: { code: 'payment_not_resolvable' },
    });
    const refunds = shop.app.get(PaymentRefunds, { strict: false });
    expect(await refunds.refund(id, 'all of it', placed.body.totals.total.amount)).toEqual({ kind: 'refunded' });
    expect(await refunds.refund(id, 'more', 1)).toEqual({ kind: 'exceeds', leftMinor: 0 });
  });
});

describe('a payment in review', () => {
  const listed = async (id: string): Promise<Loose> => {
    const { body } = await shop.admin.get<Loose>('/v1/admin/payments?limit=100');
    return body.items.find((payment: Loose) => payment.id === id);
  };
  const resolve = (id: string, resolution: string): Promise<Answer> =>
    shop.admin.post(`/v1/admin/payments/${id}/${resolution}`);

  test('an order whose authorization is gone: it is listed with the reason, can be tried again, or noted as paid', async () => {
    const { id } = await open();
    provider.capture = async () => ({ kind: 'voided' });
    expect((await shopper.complete(id)).status).toBe(201);
    await eventually(async () => expect((await attemptOf(id)).state).toBe('review'));
    const { id: attemptId } = await attemptOf(id);
    expect(await listed(attemptId)).toMatchObject({
      reason: expect.stringContaining('voided'),
      resolutions: ['retry', 'mark-paid'],
    });
    expect(await resolve(attemptId, 'retry')).toMatchObject({ status: 200, body: { state: 'review' } });
    expect(await resolve(attemptId, 'void')).toMatchObject({ status: 409, body: { code: 'payment_not_resolvable' } });
    delete (provider as Loose).capture;
    expect(await resolve(attemptId, 'retry')).toMatchObject({ status: 200, body: { state: 'captured', reason: null } });
    const [payment] = await query<Loose>(shop, 'SELECT state FROM test_provider_payments WHERE key = $1', [attemptId]);
    expect(payment.state).toBe('captured');
  });

  test('money that cannot be given back: tried again, or noted as settled outside', async () => {
    const { id } = await open();
    provider.void = async () => ({ kind: 'authorized', reference: 'stuck' });
    await shopper.complete(id, { token: 'tok_error' });
    await eventually(async () => expect((await attemptOf(id)).state).toBe('review'));
    const { id: attemptId } = await attemptOf(id);
    expect((await shop.http.get<string>('/metrics')).body).toMatch(/^payments_unsettled\{state="review"\} 1$/m);
    expect(await listed(attemptId)).toMatchObject({ orderId: null, resolutions: ['retry', 'mark-voided'] });
    expect(await resolve(attemptId, 'retry')).toMatchObject({ body: { state: 'review' } });
    expect(await resolve(attemptId, 'mark-voided')).toMatchObject({
      status: 200,
      body: { state: 'voided', resolutions: [] },
    });
    expect(await listed(attemptId)).toBeUndefined();
  });

  test('an order whose money cannot be asked for now stays in review, and can be tried again', async () => {
    const { id } = await open();
    provider.capture = async () => ({ kind: 'voided' });
    expect((await shopper.complete(id)).status).toBe(201);
    await eventually(async () => expect((await attemptOf(id)).state).toBe('review'));
    const { id: attemptId } = await attemptOf(id);
    provider.capture = async () => {
      throw new Error('The provider answered 500.');
    };
    expect(await resolve(attemptId, 'retry')).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(await listed(attemptId)).toMatchObject({ state: 'review', resolutions: ['retry', 'mark-paid'] });
    delete (provider as Loose).capture;
    expect(await resolve(attemptId, 'retry')).toMatchObject({ status: 200, body: { state: 'captured' } });
    expect((await shop.http.get<Loose>(`/v1/checkouts/${id}`)).body.state).toBe('captured');
  });

  test.each(['retry', 'mark-paid'])('an order that is cancelled beside a %s takes no money', async (resolution) => {
    const { id } = await open();
    provider.capture = async () => ({ kind: 'voided' });
    const { body: order } = await shopper.complete(id);
    await eventually(async () => expect((await attemptOf(id)).state).toBe('review'));
    delete (provider as Loose).capture;
    const { id: attemptId } = await attemptOf(id);
    const attempts = shop.app.get(AttemptsRepository, { strict: false });
    attempts.get = async (wanted) => {
      delete (attempts as Loose).get;
      const attempt = await attempts.get(wanted);
      expect((await shop.admin.post(`/v1/admin/orders/${order.id}/cancel`, {})).status).toBe(200);
      return attempt;
    };
    await resolve(attemptId, resolution);
    await eventually(async () => expect((await attemptOf(id)).state).toBe('voided'));
    const status = await real.fetch.call(provider, attemptId, AbortSignal.timeout(1_000));
    expect(status.kind === 'captured' ? status.refundedMinor : status.kind).toBe(
      status.kind === 'captured' ? order.totals.total.amount : 'voided',
    );
  });

  test.each(['before', 'after'])('money that cannot be given back, %s the customer pays again', async (moment) => {
    const { id } = await open();
    let refuse = () => {};
    const refused = new Promise<void>((done) => {
      refuse = done;
    });
    provider.void = async () => {
      await refused;
      return { kind: 'authorized', reference: 'stuck' };
    };
    if (moment === 'before') refuse();
    expect((await shopper.complete(id, { token: 'tok_error' })).status).toBe(502);
    const { id: first } = await attemptOf(id);
    const isInReview = () => eventually(async () => expect((await listed(first))?.state).toBe('review'));
    if (moment === 'before') await isInReview();
    expect((await shopper.complete(id)).status).toBe(201);
    refuse();
    await isInReview();
    await resolve(first, 'mark-voided');
  });

  test('pages follow one another', async () => {
    const first = await shop.admin.get<Loose>('/v1/admin/payments?state=captured&limit=2');
    const second = await shop.admin.get<Loose>(
      `/v1/admin/payments?state=captured&limit=2&cursor=${first.body.nextCursor}`,
    );
    const ids = [...first.body.items, ...second.body.items].map((payment: Loose) => payment.id);
    expect(new Set(ids).size).toBe(4);
  });
});

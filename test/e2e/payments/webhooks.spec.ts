// What a payment provider tells, at every moment beside the requests of a customer.
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { attemptOf, provider, real, useTestProvider } from '../../support/provider-rig.js';
import { open, shop, shopper } from '../../support/shop-rig.js';
import { atRest, balanced, booksOf, query } from '../../support/shop-state.js';
import type { Answer, Loose } from '../../support/shopper.js';
import { testWebhook } from '../../support/test-webhook.js';

const SECRET = 'secret of the test provider';

useTestProvider({
  TEST_PROVIDER_WEBHOOK_SECRET: SECRET,
  PAYMENT_TIMEOUT_MS: '1500',
  PAYMENT_RECOVERY_AFTER_MS: '4500',
});

const send = ({ body, headers }: ReturnType<typeof testWebhook>): Promise<Answer> =>
  shop.http.post('/v1/payments/test/webhook', body, { headers });

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

// What Stripe tells, signed or not, whenever it comes and however often.
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { open, shop } from '../../support/shop-rig.js';
import { query } from '../../support/shop-state.js';
import type { Answer } from '../../support/shopper.js';
import {
  complete,
  completeUntilKnown,
  expectBalanced,
  HASTY,
  intentsOf,
  SECURE,
  send,
  stripe,
  useStripe,
  VISA,
} from './stripe-rig.js';

useStripe(HASTY);

describe('webhooks', () => {
  const types = ['payment_intent.created', 'payment_intent.amount_capturable_updated', 'payment_intent.succeeded'];

  test('before, beside and after the answer, twice, in any order: one order', async () => {
    const { id } = await open();
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
    const { id } = await open();
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
    const forged = signature.replace(/v1=(.)/, (_, digit) => `v1=${digit === '0' ? '1' : '0'}`);
    const bad = [
      { ...good, headers: unsigned },
      { ...good, body: Buffer.from(JSON.stringify(JSON.parse(good.body.toString()))) },
      { ...good, headers: { ...unsigned, 'stripe-signature': forged } },
      { ...good, headers: { ...unsigned, 'stripe-signature': 'garbage' } },
      old,
    ];
    for (const webhook of bad) {
      expect(await send(webhook)).toMatchObject({ status: 400, body: { code: 'webhook_refused' } });
    }
    expect(await query(shop, 'SELECT count(*)::int AS n FROM payment_webhooks')).toEqual(before);
  });
});

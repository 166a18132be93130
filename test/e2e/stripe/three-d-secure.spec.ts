// Payments that the customer confirms with the bank: in time, late, never, and told by whom it may be.
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { open, shop, shopper } from '../../support/shop-rig.js';
import { query } from '../../support/shop-state.js';
import type { Answer, Loose } from '../../support/shopper.js';
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

describe('3-D Secure', () => {
  test('202 with what the browser needs, the same again while it waits, 201 once the customer has confirmed', async () => {
    const { id } = await open();
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
    const { id } = await open();
    const key = randomUUID();
    await complete(id, SECURE, key);
    const [intent] = await intentsOf(id);
    stripe.authenticate(intent!.id, 'succeeds');
    expect((await send(stripe.webhook('payment_intent.amount_capturable_updated', intent!))).status).toBe(204);
    expect((await complete(id, SECURE, key)).status).toBe(201);
    expect(await expectBalanced(id)).toBe(1);
  });

  test('confirmed, and nobody tells: recovery asks', async () => {
    const { id } = await open();
    await complete(id, SECURE);
    stripe.authenticate((await intentsOf(id))[0]!.id, 'succeeds');
    await eventually(
      async () => expect(await query(shop, 'SELECT 1 FROM orders WHERE checkout_id = $1', [id])).toHaveLength(1),
      10_000,
    );
    expect(await expectBalanced(id)).toBe(1);
  });

  test('not confirmed: 402, and the checkout can be paid again', async () => {
    const { id } = await open();
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
    const { id } = await open();
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
      const { id, cartId } = await open();
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
    const { id } = await open();
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

// Money that goes back: of orders that are cancelled beside their capture, and in parts, each once.
import { describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { refund } from '../../support/refund.js';
import { runJob } from '../../support/run-job.js';
import { open, shop } from '../../support/shop-rig.js';
import { atRest, query } from '../../support/shop-state.js';
import type { Loose } from '../../support/shopper.js';
import { complete, HASTY, intentsOf, stripe, useStripe, VISA } from './stripe-rig.js';

useStripe(HASTY);

test.each([
  ['is known', undefined],
  ['was done, but its answer is lost', 'hang'],
  ['was not done', 'reset'],
] as const)('an order that is cancelled when its capture %s: all the money goes back', async (_when, kind) => {
  const { id } = await open();
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

describe('refunds', () => {
  const refundsOf = async (checkoutId: string) => {
    const [intent] = await intentsOf(checkoutId);
    return stripe.refunds.filter((refund) => refund.payment_intent === intent!.id).map(({ amount }) => amount);
  };

  test('the same key once, never more than was captured, and a lost answer is asked for again', async () => {
    const { id } = await open();
    await complete(id, VISA);
    await atRest(shop);
    const [attempt] = await query<Loose>(
      shop,
      'SELECT id, amount_minor::int FROM payment_attempts WHERE checkout_id = $1',
      [id],
    );
    const total: number = attempt.amount_minor;
    expect(await refund(attempt.id, 'first', 500)).toEqual({ kind: 'refunded' });
    expect(await refund(attempt.id, 'first', 500)).toEqual({ kind: 'refunded' });
    expect(await refund(attempt.id, 'first', 501)).toEqual({ kind: 'reused' });
    expect(await refund(attempt.id, 'too much', total)).toEqual({ kind: 'exceeds', leftMinor: total - 500 });
    // Stripe repeats a 500 to the same key for a day: the refund waits for its outcome, and is made once.
    stripe.failNext({ path: /^POST \/v1\/refunds$/, kind: 'status', status: 500 });
    expect(await refund(attempt.id, 'second', 700)).toEqual({ kind: 'pending' });
    expect(await refund(attempt.id, 'second', 700)).toEqual({ kind: 'pending' });
    stripe.forgetKeys();
    const retry = async () => {
      await query(shop, `UPDATE payment_refunds SET updated_at = now() - interval '1 hour' WHERE state = 'requested'`);
      expect((await runJob(shop, 'retry-refunds')).status).toBeLessThan(300);
    };
    await retry();
    await eventually(async () => expect(await refundsOf(id)).toEqual([500, 700]));
    // Made, but its answer is lost and its key forgotten.
    stripe.failNext({ path: /^POST \/v1\/refunds$/, kind: 'hang' });
    expect(await refund(attempt.id, 'third', 100)).toEqual({ kind: 'pending' });
    stripe.forgetKeys();
    expect(await refund(attempt.id, 'third', 100)).toEqual({ kind: 'refunded' });
    expect(await refundsOf(id)).toEqual([500, 700, 100]);
    const both = [refund(attempt.id, 'rest', total - 1_300), refund(attempt.id, 'too', 1)];
    expect((await Promise.all(both)).map(({ kind }) => kind).sort()).toEqual(['exceeds', 'refunded']);
    expect((await refundsOf(id)).reduce((sum, amount) => sum + amount)).toBeLessThanOrEqual(total);
  });
});

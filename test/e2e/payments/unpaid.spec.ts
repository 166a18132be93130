// Checkouts that nobody pays, and orders that are paid by hand later.
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { attemptOf, provider, real, useTestProvider } from '../../support/provider-rig.js';
import { refund } from '../../support/refund.js';
import { runJob } from '../../support/run-job.js';
import { open, shop, shopper } from '../../support/shop-rig.js';
import { atRest, query } from '../../support/shop-state.js';
import type { Answer, Loose } from '../../support/shopper.js';

useTestProvider({ PAYMENT_TIMEOUT_MS: '1500', PAYMENT_RECOVERY_AFTER_MS: '4500' });

const expireCheckouts = async () => expect((await runJob(shop, 'expire-checkouts')).status).toBeLessThan(300);

describe('a checkout that nobody pays', () => {
  const age = (id: string) =>
    query(
      shop,
      `UPDATE checkout_sessions SET opened_at = now() - interval '2 days', updated_at = now() - interval '2 days' WHERE id = $1`,
      [id],
    );

  test('expires in PostgreSQL and for readers, and its stock is free again', async () => {
    const { id, variant } = await open(5, 5);
    await age(id);
    await expireCheckouts();
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
      await expireCheckouts();
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
    expect(await refund(id, 'all of it', placed.body.totals.total.amount)).toEqual({ kind: 'refunded' });
    expect(await refund(id, 'more', 1)).toEqual({ kind: 'exceeds', leftMinor: 0 });
  });

  const change = (orderId: string, what: string, body?: unknown): Promise<Answer> =>
    shop.admin.post(`/v1/admin/orders/${orderId}/${what}`, body, { headers: { 'idempotency-key': randomUUID() } });

  test('that is not in yet: neither refund nor cancellation sends somebody in a circle', async () => {
    const { body: order } = await buy();
    const markPaid = `POST /v1/admin/orders/${order.id}/mark-paid`;
    const before = await change(order.id, 'refunds', { shipping: true });
    expect(before).toMatchObject({ status: 409, body: { code: 'order_unpaid' } });
    expect(before.body.detail).toContain(markPaid);
    expect(before.body.detail).toContain('can be cancelled');
    expect(before.headers.get('retry-after')).toBeNull();

    expect((await change(order.id, 'fulfillments')).status).toBe(201);
    const back = { lines: [{ variantId: order.lines[0].variantId, quantity: 1 }] };
    for (const refused of [await change(order.id, 'cancel'), await change(order.id, 'refunds', back)]) {
      expect(refused.status).toBe(409);
      expect(refused.body.detail).toContain(markPaid);
      expect(refused.body.detail).not.toContain('can be cancelled');
    }
    expect((await change(order.id, 'mark-paid')).status).toBe(200);
    expect(await change(order.id, 'refunds', back)).toMatchObject({
      status: 201,
      body: { refunds: [{ restocked: true }] },
    });
  });

  test('of a cancelled order cannot be noted any more, and the answer says what became of it', async () => {
    const { body: order } = await buy();
    expect((await change(order.id, 'mark-paid')).status).toBe(200);
    expect((await change(order.id, 'cancel')).status).toBe(200);
    const refused = await change(order.id, 'mark-paid');
    expect(refused).toMatchObject({ status: 409, body: { code: 'payment_not_resolvable' } });
    expect(refused.body.detail).toMatch(/cancelled.*given back/);
  });
});

// Payments that a person must resolve.
import { describe, expect, test } from '@jest/globals';
import { AttemptsRepository } from '../../../src/checkout/payments/attempts.repository.js';
import { eventually } from '../../support/eventually.js';
import { attemptOf, provider, real, useTestProvider } from '../../support/provider-rig.js';
import { open, shop, shopper } from '../../support/shop-rig.js';
import { atRest, query } from '../../support/shop-state.js';
import type { Answer, Loose } from '../../support/shopper.js';

useTestProvider({ PAYMENT_TIMEOUT_MS: '1500', PAYMENT_RECOVERY_AFTER_MS: '4500' });

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
    for (let n = 0; n < 4; n++) await shopper.complete((await open()).id);
    await atRest(shop);
    const first = await shop.admin.get<Loose>('/v1/admin/payments?state=captured&limit=2');
    const second = await shop.admin.get<Loose>(
      `/v1/admin/payments?state=captured&limit=2&cursor=${first.body.nextCursor}`,
    );
    const ids = [...first.body.items, ...second.body.items].map((payment: Loose) => payment.id);
    expect(new Set(ids).size).toBe(4);
  });
});

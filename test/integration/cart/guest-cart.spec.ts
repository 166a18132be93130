import { describe, expect, test } from '@jest/globals';
import { OutboxRelay } from '../../../src/platform/outbox/outbox-relay.js';
import { eventually } from '../../support/eventually.js';
import {
  add,
  type CartBody,
  db,
  dollarsOnly,
  type Line,
  line,
  newCart,
  other,
  quantities,
  read,
  sell,
  shop,
  useCarts,
  variant,
  withoutPrice,
} from './cart-rig.js';

useCarts();

describe('a guest', () => {
  test('makes a cart, changes it and sees what it costs', async () => {
    const made = await shop.http.post<CartBody>('/v1/carts', { lines: [line(0, 2), line(1), line(0)] });
    expect(made.status).toBe(201);
    expect(made.headers.get('etag')).toBe('"1"');
    expect(made.headers.get('cache-control')).toBe('private, no-store');
    expect(made.body).toMatchObject({
      version: 1,
      state: 'open',
      currency: 'USD',
      lines: [
        {
          quantity: 3,
          state: 'offered',
          title: 'Shirt, M',
          sku: `SKU-${variant(0)}`,
          unitPrice: { amount: 1_000, currency: 'USD' },
          total: { amount: 3_300, currency: 'USD' },
        },
        { quantity: 1 },
      ],
      totals: { subtotal: { amount: 4_100 }, discount: { amount: 0 }, tax: { amount: 410 }, total: { amount: 4_510 } },
    });
    expect(made.body.totals).not.toHaveProperty('shipping');

    const path = `/v1/carts/${made.body.id}`;
    const [first, second] = made.body.lines as [Line, Line];
    const patched = await shop.http.patch<CartBody>(`${path}/lines/${first.lineId}`, { quantity: 1 });
    expect(patched).toMatchObject({ status: 200, body: { version: 2, totals: { subtotal: { amount: 2_100 } } } });
    expect(patched.headers.get('etag')).toBe('"2"');
    const removed = await shop.http.delete<CartBody>(`${path}/lines/${second.lineId}`);
    expect(quantities(removed.body)).toEqual({ 0: 1 });
    expect((await shop.http.delete(`${path}/lines/${second.lineId}`)).status).toBe(404);
    expect(await read(other.http, made.body.id.toUpperCase())).toEqual(removed.body);
  });

  test('pays in a currency of the shop in which the things are sold', async () => {
    const euros = await shop.http.post<CartBody>('/v1/carts', { currency: 'EUR', lines: [line(0)] });
    expect(euros.body.totals.subtotal).toEqual({ amount: 900, currency: 'EUR' });
    const answers = [
      [await shop.http.post('/v1/carts', { currency: 'CHF' }), 'currency'],
      [
        await shop.http.post('/v1/carts', {
          currency: 'EUR',
          lines: [line(0), { variantId: dollarsOnly, quantity: 1 }],
        }),
        'lines.1.variantId',
      ],
      [await add(shop.http, euros.body.id, { variantId: dollarsOnly, quantity: 1 }), 'variantId'],
    ] as const;
    for (const [answer, field] of answers) {
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ field, code: 'currency_not_sold' }] } });
    }
    const priceless = await add(shop.http, euros.body.id, { variantId: withoutPrice, quantity: 1 });
    expect(priceless).toMatchObject({ status: 400, body: { errors: [{ field: 'variantId', code: 'no_price' }] } });
  });

  test('enters discount codes: those that apply and those that do not, with the reason', async () => {
    const rule = { title: 'Ten percent', value: { kind: 'percentage', basisPoints: 1_000 } };
    const dear = { ...rule, code: 'DEAR', minSubtotals: [{ amount: 999_999, currency: 'USD' }] };
    await shop.admin.put('/v1/admin/discounts', { discounts: [{ ...rule, code: 'TEN' }, dear] });
    await shop.admin.post('/v1/admin/discounts/publish');
    const { id } = await newCart(shop.http, line(0));
    const answer = await shop.http.put<CartBody>(`/v1/carts/${id}/discount-codes`, { codes: ['ten', 'Dear', 'none'] });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        discountCodes: ['TEN', 'DEAR', 'NONE'],
        discounts: [{ code: 'TEN', title: 'Ten percent', amount: { amount: 100, currency: 'USD' } }],
        totals: { discount: { amount: 100 }, tax: { amount: 90 }, total: { amount: 990 } },
      },
    });
    expect(answer.body.refusedDiscounts).toMatchObject([
      { code: 'DEAR', reason: 'minimum_not_met' },
      { code: 'NONE', reason: 'unknown_code' },
    ]);
    // Another process shows the next version within the bound of the cache.
    await shop.admin.put('/v1/admin/discounts', { discounts: [] });
    await shop.admin.post('/v1/admin/discounts/publish');
    await eventually(async () => expect((await read(other.http, id)).discounts).toEqual([]), 3_000);
  });

  test('keeps a line that is no longer sold, without a price', async () => {
    const gone = await sell(700);
    const { id } = await newCart(shop.http, line(0), { variantId: gone, quantity: 2 });
    await db.pool.query('UPDATE variants SET retired_at = now() WHERE id = $1', [gone]);
    await shop.app.get(OutboxRelay).deliverDue();
    const cart = await eventually(async () => {
      const body = await read(shop.http, id);
      expect(body.lines[1]).toMatchObject({ state: 'unavailable' });
      return body;
    });
    expect(cart.lines[1]).toMatchObject({ quantity: 2, unitPrice: null, total: null });
    expect(cart.totals.subtotal.amount).toBe(1_000);
    expect((await shop.http.delete(`/v1/carts/${id}/lines/${cart.lines[1]?.lineId}`)).status).toBe(200);
  });

  test('with If-Match changes only the version that was read', async () => {
    const { id } = await newCart(shop.http);
    const changes = (ifMatch: string) => add(shop.http, id, line(0), { headers: { 'if-match': ifMatch } });
    expect((await changes('"1"')).status).toBe(200);
    expect(await changes('"1"')).toMatchObject({ status: 412, body: { code: 'precondition_failed' } });
    expect((await changes('W/"2"')).status).toBe(412);
    expect((await changes('"1", "2"')).status).toBe(200);
    expect((await changes('*')).status).toBe(200);
    expect(await changes('3')).toMatchObject({ status: 400, body: { errors: [{ field: 'If-Match' }] } });
    const race = await Promise.all(Array.from({ length: 10 }, () => changes('"4"')));
    expect(race.map((answer) => answer.status).sort()).toEqual([200, ...Array.from({ length: 9 }, () => 412)]);
    expect(quantities(await read(shop.http, id))).toEqual({ 0: 4 });
  });
});

test('50 requests at once, through two processes, lose nothing', async () => {
  const { id } = await newCart(shop.http);
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) => add(n % 2 ? shop.http : other.http, id, line(n % 10, n + 1))),
  );
  expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 200));
  expect(new Set(answers.map((answer) => answer.body.version)).size).toBe(50);
  const cart = await read(shop.http, id);
  expect(cart.version).toBe(51);
  expect(cart.lines).toHaveLength(10);
  expect(cart.lines.reduce((sum, one) => sum + one.quantity, 0)).toBe((50 * 51) / 2);
});

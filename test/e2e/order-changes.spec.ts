// What administrators do with placed orders: ship, refund, cancel, find.
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { PaymentProviders } from '../../src/checkout/payments/payment-providers.js';
import { PaymentRefunds } from '../../src/checkout/payments/refunds/payment-refunds.js';
import { eventually } from '../support/eventually.js';
import { shop, shopper, useShop } from '../support/shop-rig.js';
import { atRest, balanced, booksOf, query } from '../support/shop-state.js';
import type { Answer, Loose } from '../support/shopper.js';
import { type StockedVariant, stockProducts } from '../support/stock.js';

useShop({ TAX_RATE_BASIS_POINTS: '1900', PAYMENT_TIMEOUT_MS: '1500', PAYMENT_RECOVERY_AFTER_MS: '4500' });

const stocked = async (onHand: number, priceUsd = '9.99'): Promise<StockedVariant> =>
  (await stockProducts(shop, [{ handle: `thing-${randomUUID()}`, onHand, priceUsd }]))[0]!;

/** Buys and waits until the payment is captured. */
async function bought(...lines: { variantId: string; quantity: number }[]): Promise<Loose> {
  const placed = await shopper.buy(lines);
  expect(placed.status).toBe(201);
  await atRest(shop);
  return placed.body;
}
const change = (id: string, what: string, body?: unknown, key: string = randomUUID()): Promise<Answer> =>
  shop.admin.post(`/v1/admin/orders/${id}/${what}`, body, { headers: { 'idempotency-key': key } });
const read = async (id: string): Promise<Loose> => (await shop.admin.get(`/v1/admin/orders/${id}`)).body;
const kinds = (order: Loose) => order.timeline.map(({ kind }: Loose) => kind);
/** What the provider has of an order: captured, and of that given back. */
async function moneyOf(orderId: string): Promise<{ state: string; captured: number; refunded: number }> {
  const [row] = await query<{ state: string; captured: number; refunded: number }>(
    shop,
    `SELECT p.state, p.captured_minor::int AS captured, (SELECT coalesce(sum(amount_minor), 0)::int
       FROM test_provider_refunds r WHERE r.payment_key = p.key) AS refunded
     FROM payment_attempts a JOIN test_provider_payments p ON p.key = a.id::text WHERE a.order_id = $1`,
    [orderId],
  );
  return row!;
}
const stockOf = async ({ variantId }: StockedVariant): Promise<number> => {
  const { body } = await shop.admin.get<Loose>('/v1/admin/inventory', { query: { variantId } });
  const [row] = await query<{ n: number }>(shop, 'SELECT on_hand AS n FROM inventory_levels WHERE variant_id = $1', [
    variantId,
  ]);
  expect(JSON.stringify(body)).toContain(`"onHand":${row!.n}`);
  return row!.n;
};

describe('refunds', () => {
  test('in parts, over a discounted line with tax, add up to the cent; then there is nothing left', async () => {
    const variant = await stocked(10);
    const order = await bought({ variantId: variant.variantId, quantity: 3 });
    const parts: number[] = [];
    for (let unit = 0; unit < 3; unit += 1) {
      const { status, body } = await change(order.id, 'refunds', {
        lines: [{ variantId: variant.variantId, quantity: 1 }],
        restock: unit > 0,
      });
      expect(status).toBe(201);
      parts.push(body.refunds.at(-1).amount.amount);
    }
    expect(parts.reduce((sum, part) => sum + part, 0)).toBe(order.lines[0].total.amount);
    const shipping = await change(order.id, 'refunds', { shipping: true, reason: 'late' });
    expect(shipping.body.refunded).toEqual(order.totals.total);
    await eventually(async () =>
      expect(await moneyOf(order.id)).toMatchObject({
        captured: order.totals.total.amount,
        refunded: order.totals.total.amount,
      }),
    );
    for (const body of [
      { lines: [{ variantId: variant.variantId, quantity: 1 }] },
      { shipping: true },
      { amount: { amount: 1, currency: 'USD' } },
    ]) {
      expect(await change(order.id, 'refunds', body)).toMatchObject({ status: 409, body: { code: 'exceeds_order' } });
    }
    await atRest(shop);
    expect(await stockOf(variant)).toBe(9);
    await eventually(async () =>
      expect((await read(order.id)).refunds.map(({ state }: Loose) => state)).toEqual(Array(4).fill('refunded')),
    );
  });

  test('of the same units at once give each of them back once; the same key is one refund', async () => {
    const variant = await stocked(10);
    const order = await bought({ variantId: variant.variantId, quantity: 3 });
    const body = { lines: [{ variantId: variant.variantId, quantity: 1 }] };
    const key = randomUUID();
    const same = await Promise.all(Array.from({ length: 5 }, () => change(order.id, 'refunds', body, key)));
    expect(same.map(({ status }) => status)).toEqual(Array(5).fill(201));
    for (const answer of same) expect(answer.body).toEqual(same[0]!.body);
    expect((await change(order.id, 'refunds', { shipping: true }, key)).status).toBe(422);
    const others = await Promise.all(Array.from({ length: 8 }, () => change(order.id, 'refunds', body)));
    expect(others.filter(({ status }) => status === 201)).toHaveLength(2);
    expect(others.filter(({ status }) => status === 409)).toHaveLength(6);
    await eventually(async () => expect((await moneyOf(order.id)).refunded).toBe(order.lines[0].total.amount));
    await atRest(shop);
    expect(await stockOf(variant)).toBe(10);
  });

  test('that the provider refuses are told, and the money can be asked for again', async () => {
    const variant = await stocked(5);
    const order = await bought({ variantId: variant.variantId, quantity: 2 });
    const provider = shop.app.get(PaymentProviders, { strict: false }).get('test') as Loose;
    provider.refund = async () => ({ kind: 'refused', reason: 'The account is closed.' });
    const body = { lines: [{ variantId: variant.variantId, quantity: 2 }] };
    expect((await change(order.id, 'refunds', body)).body.refunds).toMatchObject([{ state: 'requested' }]);
    await eventually(async () =>
      expect(await read(order.id)).toMatchObject({
        refunded: { amount: 0 },
        refunds: [{ state: 'refused', refusal: 'The account is closed.' }],
      }),
    );
    delete provider.refund;
    expect((await change(order.id, 'refunds', body)).status).toBe(201);
    await eventually(async () => expect((await moneyOf(order.id)).refunded).toBe(order.lines[0].total.amount));
    expect(kinds(await read(order.id))).toEqual(
      expect.arrayContaining(['placed', 'captured', 'refund_requested', 'refund_refused', 'refunded']),
    );
    await atRest(shop);
    expect(await stockOf(variant)).toBe(5); // units come back once, however often their money was asked for
  });
});

describe('shipping', () => {
  test('in parts, with tracking; what was given back is not shipped, what was shipped is not cancelled', async () => {
    const [a, b] = [await stocked(5), await stocked(5)];
    const order = await bought({ variantId: a.variantId, quantity: 3 }, { variantId: b.variantId, quantity: 1 });
    const key = randomUUID();
    const first = { lines: [{ variantId: a.variantId, quantity: 1 }], carrier: 'Post', trackingNumber: 'X1' };
    const shipped = await change(order.id, 'fulfillments', first, key);
    expect(shipped.body).toMatchObject({ fulfillmentState: 'partial', fulfillments: [{ trackingNumber: 'X1' }] });
    expect((await change(order.id, 'fulfillments', first, key)).body).toEqual(shipped.body);
    await change(order.id, 'refunds', { lines: [{ variantId: a.variantId, quantity: 1 }] });
    const tooMuch = { lines: [{ variantId: a.variantId, quantity: 2 }] };
    expect(await change(order.id, 'fulfillments', tooMuch)).toMatchObject({
      status: 409,
      body: { code: 'exceeds_order', lines: [{ variantId: a.variantId, requested: 2, left: 1 }] },
    });
    expect(await change(order.id, 'cancel')).toMatchObject({ status: 409, body: { code: 'order_shipped' } });
    const rest = await change(order.id, 'fulfillments');
    expect(rest.body).toMatchObject({ fulfillmentState: 'fulfilled', lines: [{ fulfilled: 2 }, { fulfilled: 1 }] });
    expect((await change(order.id, 'fulfillments')).status).toBe(409);
    // The customer sees it as well.
    const seen = await shop.http.get<Loose>(`/v1/orders/${order.id}?accessToken=${order.accessToken}`);
    expect(seen.body).toMatchObject({ fulfillmentState: 'fulfilled', fulfillments: [{ carrier: 'Post' }, {}] });
  });
});

describe('cancelling', () => {
  test('gives stock and money back, also what was not refunded before; repeating it changes nothing', async () => {
    const variant = await stocked(5);
    const order = await bought({ variantId: variant.variantId, quantity: 3 });
    await change(order.id, 'refunds', { lines: [{ variantId: variant.variantId, quantity: 1 }] });
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => change(order.id, 'cancel', { reason: 'changed mind' })),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    await eventually(async () => expect((await moneyOf(order.id)).refunded).toBe(order.totals.total.amount));
    await atRest(shop);
    expect(await stockOf(variant)).toBe(5);
    expect(await read(order.id)).toMatchObject({
      state: 'cancelled',
      cancelReason: 'changed mind',
      refunds: [{ restocked: true }, { restocked: true }],
    });
    expect(await change(order.id, 'fulfillments')).toMatchObject({ status: 409, body: { code: 'order_cancelled' } });
    expect((await change(order.id, 'refunds', { shipping: true })).body.code).toBe('exceeds_order');
  });

  test('before the money was taken takes none, or gives back what was taken at that very moment', async () => {
    const variant = await stocked(5);
    const provider = shop.app.get(PaymentProviders, { strict: false }).get('test') as Loose;
    const capture = provider.capture.bind(provider);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    provider.capture = async (...call: unknown[]) => {
      const status = await capture(...call); // the provider has it, the shop does not know yet
      await held;
      return status;
    };
    const { body: order } = await shopper.buy([{ variantId: variant.variantId, quantity: 1 }]);
    await eventually(async () => expect((await moneyOf(order.id)).state).toBe('captured'));
    expect(await change(order.id, 'refunds', { shipping: true })).toMatchObject({ body: { code: 'order_unpaid' } });
    expect((await change(order.id, 'cancel')).body.state).toBe('cancelled');
    delete provider.capture;
    release();
    await atRest(shop);
    const money = await moneyOf(order.id);
    expect(money.captured - money.refunded).toBe(0);
    expect({ stock: await stockOf(variant), payment: (await read(order.id)).payment.state }).toEqual({
      stock: 5,
      payment: 'voided',
    });
  });

  test('gives a limited discount code back', async () => {
    const variant = await stocked(9);
    const rule = { code: 'ONCE', title: 'Once', value: { kind: 'percentage', basisPoints: 1_000 }, usageLimit: 1 };
    await shop.admin.put('/v1/admin/discounts', { discounts: [rule] });
    expect((await shop.admin.post('/v1/admin/discounts/publish')).status).toBe(201);
    const buyWithCode = async (): Promise<Answer> => {
      const { body: cart } = await shopper.cart([{ variantId: variant.variantId, quantity: 1 }]);
      await shop.http.put(`/v1/carts/${cart.id}/discount-codes`, { codes: ['ONCE'] });
      return shopper.complete((await shopper.checkout(cart.id)).body.id);
    };
    const { body: order } = await buyWithCode();
    expect(order.discounts).toMatchObject([{ code: 'ONCE' }]);
    expect((await buyWithCode()).body.discounts).toEqual([]);
    await atRest(shop);
    await change(order.id, 'cancel');
    expect((await buyWithCode()).body.discounts).toMatchObject([{ code: 'ONCE' }]);
  });
});

test('a refund that cannot even be read is tried again: nothing is thrown at whoever asked for it', async () => {
  await query(shop, 'ALTER TABLE payment_refunds RENAME TO payment_refunds_away');
  try {
    const carriedOut = shop.app
      .get(PaymentRefunds, { strict: false })
      .carryOut({ attemptId: randomUUID(), refundKey: 'any' });
    await expect(carriedOut).resolves.toEqual({ kind: 'pending' });
  } finally {
    await query(shop, 'ALTER TABLE payment_refunds_away RENAME TO payment_refunds');
  }
});

test('orders are found by number, e-mail, state and time', async () => {
  const variant = await stocked(5);
  const order = await bought({ variantId: variant.variantId, quantity: 1 });
  const found = async (search: Record<string, string | number>): Promise<string[]> =>
    (await shop.admin.get<Loose>('/v1/admin/orders', { query: { limit: 100, ...search } })).body.items.map(
      ({ id }: Loose) => id,
    );
  expect(await found({ q: order.number })).toEqual([order.id]);
  expect(await found({ q: 'ADA@exam' })).toContain(order.id);
  expect(await found({ q: '%' })).toEqual([]);
  expect(await found({ state: 'captured', placedFrom: order.placedAt })).toContain(order.id);
  expect(await found({ placedBefore: order.placedAt })).not.toContain(order.id);
  expect(await found({ customerId: randomUUID() })).toEqual([]);
  const refused = async (query: Record<string, string>) => {
    const { status, body } = await shop.admin.get<Loose>('/v1/admin/orders', { query });
    return [status, body.errors.map(({ field, text }: Loose) => `${field} ${text}`)];
  };
  expect(await refused({ placedFrom: 'yesterday' })).toEqual([400, [expect.stringMatching(/^placedFrom /)]]);
  // As text the first of these comes first; as a moment it comes last.
  expect(await refused({ placedFrom: '2026-02-01T00:00:00-02:00', placedBefore: '2026-02-01T01:00:00+00:00' })).toEqual(
    [400, ['placedBefore must not be before placedFrom']],
  );
});

test('what is not in the order or not there at all is refused, and nothing is written', async () => {
  const variant = await stocked(5);
  const order = await bought({ variantId: variant.variantId, quantity: 1 });
  const line = { variantId: variant.variantId, quantity: 1 };
  for (const body of [
    {},
    { lines: [] },
    { lines: [{ ...line, quantity: 0 }] },
    { lines: [line, line] },
    { lines: [{ ...line, variantId: randomUUID() }] },
    { amount: { amount: 5, currency: 'EUR' } },
    { amount: { amount: -5, currency: 'USD' } },
  ]) {
    expect({ body, status: (await change(order.id, 'refunds', body)).status }).toEqual({ body, status: 400 });
  }
  expect((await change(order.id, 'fulfillments', { trackingUrl: 'javascript:alert(1)' })).status).toBe(400);
  const withoutKey = await shop.admin.post(`/v1/admin/orders/${order.id}/refunds`, { shipping: true });
  expect(withoutKey).toMatchObject({ status: 400, body: { code: 'idempotency_key_required' } });
  expect((await change(randomUUID(), 'cancel')).status).toBe(404);
  expect((await shop.http.post(`/v1/admin/orders/${order.id}/cancel`, {})).status).toBe(401);
  expect(await read(order.id)).toMatchObject({ refunds: [], fulfillments: [], state: 'captured' });
});

test('after all of this every book agrees', async () => {
  await atRest(shop);
  expect(await booksOf(shop)).toEqual(balanced);
});

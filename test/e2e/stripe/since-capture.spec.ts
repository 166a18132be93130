// What becomes of captured money at Stripe without the shop: it is told by webhook, asked for, and shown with the order.
import { beforeEach, expect, test } from '@jest/globals';
import { AttemptsRepository } from '../../../src/checkout/payments/attempts.repository.js';
import { NoteSinceCapture } from '../../../src/checkout/payments/captured/note-since-capture.js';
import { NoteCaptured } from '../../../src/checkout/placing/note-captured.js';
import { eventually } from '../../support/eventually.js';
import { open, shop } from '../../support/shop-rig.js';
import { atRest, query } from '../../support/shop-state.js';
import type { Loose } from '../../support/shopper.js';
import { complete, stripe, useStripe, VISA } from './stripe-rig.js';

/** An order of two units that is paid, the payment's id and its intent. */
let order: Loose;
let paymentId: string;
let intentId: string;

useStripe();

beforeEach(async () => {
  const { id } = await open(5, 2);
  order = (await complete(id, VISA)).body;
  await atRest(shop);
  const [attempt] = await query<Loose>(
    shop,
    'SELECT id, provider_reference FROM payment_attempts WHERE order_id = $1',
    [order.id],
  );
  paymentId = attempt.id;
  intentId = attempt.provider_reference;
});

const tell = async (type: string, object: object, id?: string) => {
  const { body, headers } = stripe.webhook(type, object, id === undefined ? {} : { id });
  expect((await shop.http.post('/v1/payments/stripe/webhook', body, { headers })).status).toBe(204);
};
const detail = async () => (await shop.admin.get<Loose>(`/v1/admin/orders/${order.id}`)).body;
const kinds = async () => (await detail()).timeline.map(({ kind }: Loose) => kind);
const payment = async () => (await shop.admin.get<Loose>(`/v1/admin/payments/${paymentId}`)).body;
const total = () => order.totals.total.amount as number;
const refundHere = (amount: number) =>
  shop.admin.post<Loose>(
    `/v1/admin/orders/${order.id}/refunds`,
    { amount: { amount, currency: 'USD' } },
    { headers: { 'idempotency-key': `refund ${amount}`.replace(' ', '-') + order.id } },
  );

test('a refund that was made in the dashboard is a refund of the order, once, and leaves as much less', async () => {
  const refund = stripe.refundByHand(intentId, 300);
  const charge = stripe.intents.get(intentId)!.latest_charge!;
  await Promise.all([tell('charge.refunded', charge), tell('refund.created', refund), tell('charge.refunded', charge)]);
  const { refunded, refunds } = await detail();
  expect(refunded.amount).toBe(300);
  expect(refunds).toMatchObject([
    { state: 'refunded', amount: { amount: 300 }, reason: `Made at stripe: ${refund.id}` },
  ]);
  expect(await kinds()).toEqual(['placed', 'captured', 'refund_requested', 'refunded']);
  expect((await payment()).state).toBe('captured');
  expect(await refundHere(total() - 299)).toMatchObject({ status: 409, body: { leftMinor: total() - 300 } });
  expect((await refundHere(total() - 300)).status).toBe(201);
  await eventually(async () =>
    expect((await detail()).refunds.map(({ state }: Loose) => state)).toEqual(['refunded', 'refunded']),
  );
  expect(stripe.intents.get(intentId)!.latest_charge!.amount_refunded).toBe(total());
  expect((await detail()).refunded.amount).toBe(total());
});

test('a refund that the bank sends back is given again, after a person has heard of it', async () => {
  expect((await refundHere(500)).status).toBe(201);
  await eventually(async () => expect((await detail()).refunds).toMatchObject([{ state: 'refunded' }]));
  const refund = stripe.refunds.find(({ payment_intent: intent }) => intent === intentId)!;
  stripe.failRefund(refund, 'lost_or_stolen_card');
  await tell('refund.failed', refund);
  await tell('charge.refund.updated', refund);
  expect(await detail()).toMatchObject({
    refunded: { amount: 0 },
    refunds: [{ state: 'refused', refusal: 'The refund failed: lost_or_stolen_card.' }],
  });
  expect((await kinds()).at(-1)).toBe('refund_refused');
  const inReview = await payment();
  expect(inReview).toMatchObject({ state: 'review', resolutions: ['acknowledge'] });
  expect(inReview.reason.match(/came back/g)).toHaveLength(1);
  // In review it is still paid: what is left can be given back in another way.
  expect((await refundHere(501)).status).toBe(201);
  const done = await shop.admin.post<Loose>(`/v1/admin/payments/${paymentId}/acknowledge`);
  expect(done).toMatchObject({ status: 200, body: { state: 'captured', resolutions: [] } });
});

test.each([
  ['lost', 'dispute_lost', (cents: number) => cents, 'review'],
  ['won', 'dispute_won', () => 0, 'captured'],
] as const)(
  'a dispute that is %s: on the order, in review, and its money counted exactly',
  async (end, kind, gone, state) => {
    const dispute = stripe.dispute(intentId, total());
    await tell('charge.dispute.created', dispute);
    await tell('charge.dispute.created', dispute);
    expect(await detail()).toMatchObject({
      disputed: { amount: total() },
      refunded: { amount: 0 },
      disputes: [{ state: 'open', reason: 'fraudulent' }],
    });
    expect(await payment()).toMatchObject({ state: 'review', reason: expect.stringContaining('fraudulent') });
    expect(await refundHere(1)).toMatchObject({ status: 409, body: { leftMinor: 0 } });
    await shop.admin.post(`/v1/admin/payments/${paymentId}/acknowledge`);
    dispute.status = end;
    await tell('charge.dispute.closed', dispute);
    expect(await detail()).toMatchObject({ disputed: { amount: gone(total()) }, disputes: [{ state: end }] });
    expect(await kinds()).toEqual(['placed', 'captured', 'disputed', kind]);
    expect((await payment()).state).toBe(state);
  },
);

test('a question of the bank takes no money', async () => {
  await tell('charge.dispute.created', stripe.dispute(intentId, total(), 'warning_needs_response'));
  expect(await detail()).toMatchObject({ disputed: { amount: 0 }, disputes: [{ state: 'inquiry' }] });
  expect((await payment()).state).toBe('review');
});

test('Stripe not answering is 503, and the webhook that comes again does it', async () => {
  const refund = stripe.refundByHand(intentId, 200);
  stripe.failNext({ path: /^GET \/v1\/refunds/, kind: 'status', status: 500 });
  const { body, headers } = stripe.webhook('refund.created', refund, { id: `evt_again_${order.number}` });
  expect((await shop.http.post('/v1/payments/stripe/webhook', body, { headers })).status).toBe(503);
  await tell('refund.created', refund, `evt_again_${order.number}`);
  expect((await detail()).refunded.amount).toBe(200);
});

test('a refund that the bank sends back before the shop has heard that it was made', async () => {
  stripe.failNext({ path: /^POST \/v1\/refunds$/, kind: 'reset' });
  expect((await refundHere(400)).status).toBe(201);
  // The shop asks Stripe after it has answered.
  const refund = await eventually(() => {
    const made = stripe.refunds.find(({ payment_intent: intent }) => intent === intentId);
    if (!made) throw new Error('Stripe has not been asked yet.');
    return made;
  });
  expect((await detail()).refunds).toMatchObject([{ state: 'requested' }]);
  stripe.failRefund(refund, 'expired_or_canceled_card');
  await tell('refund.failed', refund);
  expect(await detail()).toMatchObject({ refunded: { amount: 0 }, refunds: [{ state: 'refused' }] });
  expect(await payment()).toMatchObject({ state: 'review', reason: expect.stringContaining('came back') });
});

test('what became of money that the shop does not know to be taken yet is noted as well', async () => {
  // As after an end of the process between the capture and its note.
  await query(shop, "UPDATE payment_attempts SET state = 'placed' WHERE id = $1", [paymentId]);
  stripe.refundByHand(intentId, 250);
  await tell('charge.dispute.created', stripe.dispute(intentId, 100));
  expect(await detail()).toMatchObject({ refunded: { amount: 250 }, disputed: { amount: 100 } });
  expect((await payment()).state).toBe('review');
});

test('what was read before something else was noted takes nothing of it back', async () => {
  const note = async (refund: 'refunded' | 'refused', state: 'inquiry' | 'open') => {
    const outcome = refund === 'refused' ? { kind: refund, reason: 'The refund failed.' } : { kind: refund };
    await shop.app.get(NoteSinceCapture).note(await shop.app.get(AttemptsRepository).get(paymentId), {
      refunds: [{ reference: 're_by_hand', refundKey: undefined, amountMinor: 300, outcome }],
      disputes: [{ reference: 'dp_escalated', amountMinor: 200, state, reason: 'general' }],
    });
  };
  await note('refused', 'open');
  await note('refunded', 'inquiry');
  expect(await detail()).toMatchObject({
    refunded: { amount: 0 },
    refunds: [{ state: 'refused' }],
    disputed: { amount: 200 },
    disputes: [{ state: 'open' }],
  });
});

test('a capture that is noted late, by another worker, takes nothing out of review', async () => {
  const captured = await shop.app.get(AttemptsRepository).get(paymentId);
  await tell('charge.dispute.created', stripe.dispute(intentId, total()));
  // Both had read the payment before either had taken it.
  expect(await shop.app.get(NoteCaptured).note({ ...captured, state: 'placed' })).toBe(false);
  expect(await payment()).toMatchObject({ state: 'review', reason: expect.stringContaining('fraudulent') });
});

// The official SDK against a local server that behaves as Stripe documents: whatever fails on the way, an order has one
// captured payment, and no payment holds money without an order.
import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { open, shop } from '../../support/shop-rig.js';
import { atRest, query } from '../../support/shop-state.js';
import type { Loose } from '../../support/shopper.js';
import type { Failure } from '../../support/stripe/stripe-server.js';
import {
  complete,
  completeUntilKnown,
  expectBalanced,
  HASTY,
  intentsOf,
  POOR,
  stripe,
  useStripe,
  VISA,
} from './stripe-rig.js';

useStripe(HASTY);

test('a payment: one intent, captured in full, named by the attempt', async () => {
  const { id } = await open();
  const key = randomUUID();
  const placed = await complete(id, VISA, key);
  expect(placed.status).toBe(201);
  expect((await complete(id, VISA, key)).body).toEqual(placed.body);
  expect(await expectBalanced(id)).toBe(1);
  const [attempt] = await query<Loose>(shop, 'SELECT * FROM payment_attempts WHERE checkout_id = $1', [id]);
  expect((await intentsOf(id)).map((intent) => [intent.id, intent.metadata])).toEqual([
    [attempt.provider_reference, { payment: attempt.id }],
  ]);
});

test('declined: 402 with the code of the bank, and nothing is left that the browser could confirm', async () => {
  const { id } = await open();
  const declined = await complete(id, POOR);
  expect(declined).toMatchObject({
    status: 402,
    body: { code: 'payment_declined', declineCode: 'insufficient_funds' },
  });
  await atRest(shop);
  expect((await intentsOf(id)).map(({ status }) => status)).toEqual(['canceled']);
  expect((await complete(id, VISA)).status).toBe(201);
  expect(await expectBalanced(id)).toBe(1);
});

test('a payment method that Stripe does not know is declined', async () => {
  const { id } = await open();
  expect(await complete(id, 'pm_unknown')).toMatchObject({ status: 402, body: { declineCode: 'resource_missing' } });
  expect(await expectBalanced(id)).toBe(0);
});

const failures: Omit<Failure, 'path'>[] = [
  { kind: 'hang' },
  { kind: 'reset' },
  ...[500, 503, 409, 429].map((status) => ({ kind: 'status', status }) as const),
];
const requests: [string, RegExp][] = [
  ['create', /^POST \/v1\/payment_intents$/],
  ['confirm', /\/confirm$/],
  ['capture', /\/capture$/],
];
test.each(
  requests.flatMap(([name, path]) =>
    failures.map((failure) => [name, JSON.stringify(failure), { ...failure, path }] as const),
  ),
)('%s meets %s: one order and one charge, or neither, and a new key pays', async (_name, _failure, failure) => {
  const { id } = await open();
  stripe.failNext(failure as Failure);
  const answer = await completeUntilKnown(id, VISA);
  expect([201, 502]).toContain(answer.status);
  expect(await expectBalanced(id)).toBe(answer.status === 201 ? 1 : 0);
  if (answer.status === 201) return;
  expect((await completeUntilKnown(id, VISA)).status).toBe(201);
  expect(await expectBalanced(id)).toBe(1);
});

test('a void whose answer is lost is repeated, and a late confirmation of its intent takes nothing', async () => {
  const { id } = await open();
  stripe.failNext({ path: /\/cancel$/, kind: 'hang' });
  await complete(id, POOR);
  expect(await expectBalanced(id)).toBe(0);
  expect((await intentsOf(id)).map(({ status }) => status)).toEqual(['canceled']);
});

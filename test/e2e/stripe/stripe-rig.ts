// A shop that is paid by Stripe, and a local server that stands for Stripe.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { Environment } from '../../../src/platform/config.js';
import { eventually } from '../../support/eventually.js';
import { shop, shopper, useShop } from '../../support/shop-rig.js';
import { atRest, query } from '../../support/shop-state.js';
import type { Answer } from '../../support/shopper.js';
import type { Intent } from '../../support/stripe/stripe-account.js';
import { STRIPE_KEY, STRIPE_WEBHOOK_SECRET, StripeServer } from '../../support/stripe/stripe-server.js';

export let stripe: StripeServer;

export const VISA = 'pm_card_visa';
export const SECURE = 'pm_card_threeDSecure2Required';
export const POOR = 'pm_card_chargeDeclinedInsufficientFunds';

/** Settings with which what is left undone is done again soon, and a process that stood still for a moment has left nothing. */
export const HASTY = { PAYMENT_TIMEOUT_MS: '1000', PAYMENT_RECOVERY_AFTER_MS: '3000' };

/** @param env settings beside those that lead to this Stripe */
export function useStripe(env: Environment = {}): void {
  beforeAll(async () => {
    stripe = await StripeServer.start();
  });
  useShop(() => ({ STRIPE_SECRET_KEY: STRIPE_KEY, STRIPE_WEBHOOK_SECRET, STRIPE_API_URL: stripe.url, ...env }));
  afterAll(() => stripe?.stop());
}

export const complete = (id: string, token: string, key = randomUUID()): Promise<Answer> =>
  shopper.complete(id, { provider: 'stripe', token, key });
/** As a client does that resubmits an unknown outcome with the same key. */
export const completeUntilKnown = (id: string, token: string, key = randomUUID()): Promise<Answer> =>
  eventually(async () => {
    const answer = await complete(id, token, key);
    if (answer.body.code === 'checkout_in_progress') throw new Error('The outcome is not known yet.');
    return answer;
  }, 20_000);
export const intentsOf = async (checkoutId: string): Promise<Intent[]> => {
  const attempts = await query<{ id: string }>(shop, 'SELECT id FROM payment_attempts WHERE checkout_id = $1', [
    checkoutId,
  ]);
  const ids = new Set(attempts.map(({ id }) => id));
  return [...stripe.intents.values()].filter(({ metadata }) => ids.has(metadata.payment!));
};
export const send = ({ body, headers }: { body: Buffer; headers: Record<string, string> }): Promise<Answer> =>
  shop.http.post('/v1/payments/stripe/webhook', body, { headers });
/** At rest: the order, if there is one, is paid by one captured intent, and no other intent holds or can take money. */
export async function expectBalanced(checkoutId: string): Promise<number> {
  await atRest(shop);
  const orders = await query<{ total: number; state: string }>(
    shop,
    'SELECT total_minor::int AS total, state FROM orders WHERE checkout_id = $1',
    [checkoutId],
  );
  const intents = await intentsOf(checkoutId);
  const paid = intents.filter(({ status }) => status === 'succeeded').map((intent) => intent.amount_received);
  expect(paid).toEqual(orders.map(({ total }) => total));
  expect(orders.every(({ state }) => state === 'captured')).toBe(true);
  expect(
    intents.filter(({ status }) => ['requires_capture', 'requires_action', 'processing'].includes(status)),
  ).toEqual([]);
  return orders.length;
}

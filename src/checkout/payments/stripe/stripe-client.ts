import Stripe from 'stripe';
import type { Config } from '../../../platform/config.js';

type StripeSettings = Pick<Config, 'STRIPE_SECRET_KEY' | 'STRIPE_API_URL' | 'PAYMENT_TIMEOUT_MS'>;

/** Stripe's own client. It does not retry: the shop asks what became of a payment before it sends anything again. */
export function createStripe({ STRIPE_SECRET_KEY, STRIPE_API_URL, PAYMENT_TIMEOUT_MS }: StripeSettings): Stripe {
  if (STRIPE_SECRET_KEY === undefined) throw new Error('STRIPE_SECRET_KEY is missing.');
  const { protocol, hostname, port } = new URL(STRIPE_API_URL);
  return new Stripe(STRIPE_SECRET_KEY, {
    protocol: protocol === 'http:' ? 'http' : 'https',
    host: hostname,
    ...(port && { port }),
    timeout: PAYMENT_TIMEOUT_MS,
    maxNetworkRetries: 0,
    telemetry: false,
  });
}

// Settings that are allowed but hardly meant: they are reported at the start, which goes on.
import type { Config } from './config.js';

/** A sentence or two for each, what it means and what to set. */
export function doubtfulSettings({ PAYMENT_PROVIDERS }: Pick<Config, 'PAYMENT_PROVIDERS'>): string[] {
  if (PAYMENT_PROVIDERS.length > 0) return [];
  return [
    'No payment provider is set up, so no checkout can be completed. Set STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET, ' +
      'or PAYMENT_PROVIDERS=manual for invoices and cash on delivery.',
  ];
}

// A shop whose test provider answers as a test wants it to, for the specs of a file.
import { afterEach, beforeAll } from '@jest/globals';
import type { PaymentProvider } from '../../src/checkout/payments/payment-provider.js';
import { TestProviderRepository } from '../../src/checkout/payments/test-provider/test-provider.repository.js';
import type { Environment } from '../../src/platform/config.js';
import { shop, useShop } from './shop-rig.js';
import { query } from './shop-state.js';
import type { Loose } from './shopper.js';

/** The provider of the shop: methods that a test replaces are restored after it. */
export let provider: PaymentProvider;
/** The original methods, to be called on `provider`. */
export const real: PaymentProvider = TestProviderRepository.prototype;

export function useTestProvider(env: Environment): void {
  useShop(env);
  beforeAll(() => {
    provider = shop.app.get(TestProviderRepository, { strict: false });
  });
  afterEach(() => {
    for (const name of ['authorize', 'capture', 'void', 'fetch'] as const) delete (provider as Loose)[name];
  });
}

/** The newest attempt to pay a checkout. */
export const attemptOf = async (checkoutId: string): Promise<Loose> =>
  (
    await query<Loose>(shop, 'SELECT * FROM payment_attempts WHERE checkout_id = $1 ORDER BY created_at DESC', [
      checkoutId,
    ])
  )[0];

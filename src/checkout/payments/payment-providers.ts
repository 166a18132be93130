import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config, type PaymentProviderName } from '../../platform/config.js';
import { invalidField } from '../../platform/errors.js';
import { ManualProvider } from './manual-provider.js';
import type { PaymentProvider } from './payment-provider.js';
import { StripeProvider } from './stripe/stripe.provider.js';
import { createStripe } from './stripe/stripe-client.js';
import { StripePaymentsRepository } from './stripe/stripe-payments.repository.js';
import { TestProviderRepository } from './test-provider/test-provider.repository.js';

/** The payment providers that this shop has, by name. */
@Injectable()
export class PaymentProviders {
  private readonly byName: ReadonlyMap<string, PaymentProvider>;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(TestProviderRepository) test: TestProviderRepository,
    @Inject(ManualProvider) manual: ManualProvider,
    @Inject(StripePaymentsRepository) stripePayments: StripePaymentsRepository,
  ) {
    const make: Record<PaymentProviderName, () => PaymentProvider> = {
      test: () => test,
      manual: () => manual,
      stripe: () => new StripeProvider(createStripe(config), config.STRIPE_WEBHOOK_SECRET ?? '', stripePayments),
    };
    this.byName = new Map(config.PAYMENT_PROVIDERS.map((name) => [name, make[name]()]));
  }

  find(name: string): PaymentProvider | undefined {
    return this.byName.get(name);
  }

  /** @throws AppError `validation_failed` naming `payment.provider` */
  get(name: string): PaymentProvider {
    const provider = this.find(name);
    if (provider) return provider;
    const known = [...this.byName.keys()].join(', ') || 'none is set up';
    throw invalidField('payment.provider', 'unknown_provider', `is not a payment provider of this shop (${known})`);
  }

  /** Whether its money comes outside the shop, and an administrator says when. */
  isByHand(name: string): boolean {
    return this.find(name)?.captures === 'by_hand';
  }

  /** A signal that ends one call to a provider at its deadline. */
  deadline(): AbortSignal {
    return AbortSignal.timeout(this.config.PAYMENT_TIMEOUT_MS);
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../platform/config.js';
import { invalidField } from '../../platform/errors.js';
import type { PaymentProvider } from './payment-provider.js';
import { TestProviderRepository } from './test-provider.repository.js';

/** The payment providers that this shop has, by name. */
@Injectable()
export class PaymentProviders {
  private readonly byName: ReadonlyMap<string, PaymentProvider>;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(TestProviderRepository) test: TestProviderRepository,
  ) {
    const available: PaymentProvider[] = config.NODE_ENV === 'production' ? [] : [test];
    this.byName = new Map(available.map((provider) => [provider.name, provider]));
  }

  /** @throws AppError `validation_failed` naming `payment.provider` */
  get(name: string): PaymentProvider {
    const provider = this.byName.get(name);
    if (provider) return provider;
    const known = [...this.byName.keys()].join(', ') || 'none is set up';
    throw invalidField('payment.provider', 'unknown_provider', `is not a payment provider of this shop (${known})`);
  }

  /** A signal that ends one call to a provider at its deadline. */
  deadline(): AbortSignal {
    return AbortSignal.timeout(this.config.PAYMENT_TIMEOUT_MS);
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { InventoryService } from '../../inventory/index.js';
import { CONFIG, type Config } from '../../platform/config.js';
import { AppError } from '../../platform/errors.js';
import { closed } from '../checkout-errors.js';
import type { CheckoutSession } from '../session/checkout-session.js';
import { CheckoutSessionStore } from '../session/checkout-session.store.js';

/** Makes the hold outlive the payment, and recovery when this process dies during it. */
@Injectable()
export class ExtendHold {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(InventoryService) private readonly inventory: InventoryService,
    @Inject(CheckoutSessionStore) private readonly sessions: CheckoutSessionStore,
  ) {}

  /** A hold that has lapsed is taken again, whole or not at all. @throws AppError `hold_expired`, `checkout_closed` */
  async forPayment(session: CheckoutSession): Promise<void> {
    const ttlMs = (this.config.PAYMENT_TIMEOUT_MS + this.config.PAYMENT_RECOVERY_AFTER_MS) * 2;
    const maxTotalMs = this.config.CHECKOUT_TTL_S * 1_000;
    const extended = await this.inventory.extend(session.id, { ttlMs, maxTotalMs, lines: session.quote.lines });
    // The session was read before it ended, or Redis came back with an older one: PostgreSQL knows how it ended.
    if (extended.kind === 'resolved') throw closed(await this.sessions.restore(session.id));
    if (extended.kind === 'expired') {
      throw new AppError('hold_expired', {
        detail: 'The stock was held too long and others have taken it. Nothing was charged. Begin a new checkout.',
      });
    }
  }
}

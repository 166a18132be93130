import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { InventoryService } from '../../inventory/index.js';
import { Clock } from '../../platform/clock.js';
import { CONFIG, type Config } from '../../platform/config.js';
import { LOGGER } from '../../platform/logging.js';
import type { Attempt } from '../payments/attempt.js';
import { AttemptsRepository } from '../payments/attempts.repository.js';
import type { NextAction } from '../payments/payment-provider.js';

export type Waiting =
  | { readonly kind: 'action_required'; readonly action: NextAction; readonly expiresAtMs: number }
  /** The customer's time is up. */
  | { readonly kind: 'overdue' }
  /** Another worker has taken the attempt over. */
  | { readonly kind: 'lost' };

/** Lets a payment wait for its customer (3-D Secure), in state `paying`, with its stock held, for a limited time. */
@Injectable()
export class AwaitCustomer {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(AttemptsRepository) private readonly attempts: AttemptsRepository,
    @Inject(InventoryService) private readonly inventory: InventoryService,
  ) {}

  async wait(attempt: Attempt, action: NextAction): Promise<Waiting> {
    const nowMs = this.clock.nowMs();
    const expiresAtMs = attempt.action?.expiresAtMs ?? nowMs + this.config.PAYMENT_ACTION_TTL_S * 1_000;
    if (nowMs >= expiresAtMs) return { kind: 'overdue' };
    const waiting = { state: 'paying', action: { type: action.type, expiresAtMs } } as const;
    if (!(await this.attempts.move(undefined, attempt, ['paying'], waiting))) return { kind: 'lost' };
    await this.holdOn(attempt, expiresAtMs - nowMs);
    return { kind: 'action_required', action, expiresAtMs };
  }

  /** Losing the hold can only cost the customer the goods: placing checks the stock in PostgreSQL. */
  private async holdOn({ checkoutId, agreement }: Attempt, ttlMs: number): Promise<void> {
    const maxTotalMs = this.config.CHECKOUT_TTL_S * 1_000;
    try {
      await this.inventory.extend(checkoutId, { ttlMs, maxTotalMs, lines: agreement.quote.lines });
    } catch (error) {
      this.logger.warn({ err: error, checkoutId }, 'the hold of a payment that waits could not be extended');
    }
  }
}

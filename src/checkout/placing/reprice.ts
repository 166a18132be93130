import { Inject, Injectable } from '@nestjs/common';
import { CatalogService } from '../../catalog/index.js';
import { DiscountsService } from '../../discounts/index.js';
import { Clock } from '../../platform/clock.js';
import { CONFIG, type Config } from '../../platform/config.js';
import type { Tx } from '../../platform/database/database.js';
import { AppError } from '../../platform/errors.js';
import type { Agreement } from '../payments/attempt.js';
import type { Quote } from '../session/checkout-session.js';
import { isSamePrice, quoteLines } from '../session/quote-lines.js';

export type Repricing =
  | { readonly kind: 'same'; readonly quote: Quote }
  | { readonly kind: 'price_changed'; readonly quote: Quote }
  | { readonly kind: 'unavailable'; readonly variantIds: readonly string[] }
  | { readonly kind: 'unpriceable'; readonly text: string };

/** Prices an agreement once more, from PostgreSQL: what a cache showed the customer does not bind the shop. */
@Injectable()
export class Reprice {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(CatalogService) private readonly catalog: CatalogService,
    @Inject(DiscountsService) private readonly discounts: DiscountsService,
  ) {}

  async inTransaction(tx: Tx, agreement: Agreement): Promise<Repricing> {
    const agreed = agreement.quote;
    const offers = await this.catalog.offersAtOrigin(
      tx,
      agreed.lines.map((line) => line.variantId),
    );
    const ruleSet = await this.discounts.activeAtOrigin(tx);
    const cart = { currency: agreed.currency, lines: agreed.lines, discountCodes: agreement.discountCodes };
    // Codes used up since then are noticed when their use is recorded, under their lock.
    const exhaustedCodes = agreed.refusedDiscounts
      .filter((refused) => refused.reason === 'usage_limit_reached')
      .map((refused) => refused.code);
    const sources = { offers, ruleSet, exhaustedCodes, rates: this.config, nowMs: this.clock.nowMs() };
    try {
      const now = quoteLines(cart, sources);
      if (now.kind === 'unavailable') return now;
      return { kind: isSamePrice(agreed, now.quote) ? 'same' : 'price_changed', quote: now.quote };
    } catch (error) {
      // Prices that no cart can have: an authorization is waiting, so this must end in a refusal, not in an error.
      if (error instanceof AppError) return { kind: 'unpriceable', text: error.message };
      throw error;
    }
  }
}

import { Inject, Injectable } from '@nestjs/common';
import type { PriceSources } from '../../cart/index.js';
import { CatalogService } from '../../catalog/index.js';
import { DiscountsService } from '../../discounts/index.js';
import { Clock } from '../../platform/clock.js';
import { CONFIG, type Config } from '../../platform/config.js';
import type { Tx } from '../../platform/database/database.js';
import { together } from '../../platform/database/together.js';
import { AppError } from '../../platform/errors.js';
import type { Agreement, Attempt } from '../payments/attempt.js';
import type { Quote } from '../session/checkout-session.js';
import { isSamePrice, quoteLines } from '../session/quote-lines.js';

export type Repricing =
  | { readonly kind: 'same'; readonly quote: Quote }
  | { readonly kind: 'price_changed'; readonly quote: Quote }
  | { readonly kind: 'unavailable'; readonly variantIds: readonly string[] }
  | { readonly kind: 'unpriceable'; readonly text: string };

export interface Repriced {
  readonly attempt: Attempt;
  readonly price: Repricing;
}

/** Prices agreements once more, from PostgreSQL: what a cache showed the customer does not bind the shop. */
@Injectable()
export class Reprice {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(CatalogService) private readonly catalog: CatalogService,
    @Inject(DiscountsService) private readonly discounts: DiscountsService,
  ) {}

  /** It only reads, so a rule set that is not known yet may be fetched after an answer (see `together`). */
  async inTransaction(tx: Tx, attempts: readonly Attempt[]): Promise<Repriced[]> {
    const variantIds = attempts.flatMap(({ agreement }) => agreement.quote.lines.map((line) => line.variantId));
    const [offers, ruleSet] = await together([
      this.catalog.offersAtOrigin(tx, variantIds),
      this.discounts.activeAtOrigin(tx),
    ]);
    const sources = { offers, ruleSet, rates: this.config, nowMs: this.clock.nowMs() };
    return attempts.map((attempt) => ({ attempt, price: priceNow(attempt.agreement, sources) }));
  }
}

function priceNow(
  { quote: agreed, discountCodes }: Agreement,
  sources: Omit<PriceSources, 'exhaustedCodes'>,
): Repricing {
  // Codes used up since then are noticed when their use is recorded, under their lock.
  const exhaustedCodes = agreed.refusedDiscounts
    .filter((refused) => refused.reason === 'usage_limit_reached')
    .map((refused) => refused.code);
  try {
    const now = quoteLines(
      { currency: agreed.currency, lines: agreed.lines, discountCodes },
      { ...sources, exhaustedCodes },
    );
    if (now.kind === 'unavailable') return now;
    return { kind: isSamePrice(agreed, now.quote) ? 'same' : 'price_changed', quote: now.quote };
  } catch (error) {
    // No cart can have these prices: an authorization is waiting, so this must end in a refusal, not in an error.
    if (error instanceof AppError) return { kind: 'unpriceable', text: error.message };
    throw error;
  }
}

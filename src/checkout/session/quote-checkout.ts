import { Inject, Injectable } from '@nestjs/common';
import { CatalogService } from '../../catalog/index.js';
import { DiscountsService } from '../../discounts/index.js';
import { Clock } from '../../platform/clock.js';
import { CONFIG, type Config } from '../../platform/config.js';
import { notSold } from '../checkout-errors.js';
import type { Quote } from './checkout-session.js';
import { type LinesToQuote, quoteLines } from './quote-lines.js';

/** What a customer is shown: priced from cached offers and rules. The order is priced again from PostgreSQL. */
@Injectable()
export class QuoteCheckout {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(CatalogService) private readonly catalog: CatalogService,
    @Inject(DiscountsService) private readonly discounts: DiscountsService,
  ) {}

  /** @throws AppError `price_changed` naming the lines that are not sold any more */
  async quote(cart: LinesToQuote): Promise<Quote> {
    const [offers, ruleSet] = await Promise.all([
      this.catalog.offers(cart.lines.map((line) => line.variantId)),
      this.discounts.active(),
    ]);
    const exhaustedCodes = await this.discounts.exhausted(ruleSet, cart.discountCodes);
    const sources = { offers, ruleSet, exhaustedCodes, rates: this.config, nowMs: this.clock.nowMs() };
    const result = quoteLines(cart, sources);
    if (result.kind === 'quoted') return result.quote;
    throw notSold(cart.lines, result.variantIds);
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { CatalogService } from '../../catalog/index.js';
import { DiscountsService } from '../../discounts/index.js';
import { Clock } from '../../platform/clock.js';
import { CONFIG, type Config } from '../../platform/config.js';
import { outOfStock } from '../checkout-errors.js';
import type { Quote } from './checkout-session.js';
import { type CartToQuote, quoteCart } from './quote-cart.js';

/** What a customer is shown: priced from cached offers and rules. The order is priced again from PostgreSQL. */
@Injectable()
export class QuoteCheckout {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(CatalogService) private readonly catalog: CatalogService,
    @Inject(DiscountsService) private readonly discounts: DiscountsService,
  ) {}

  /** @throws AppError `out_of_stock` naming the lines that are not sold any more */
  async quote(cart: CartToQuote): Promise<Quote> {
    const offers = await this.catalog.offers(cart.lines.map((line) => line.variantId));
    const result = quoteCart(cart, offers, await this.discounts.active(), this.config, this.clock.nowMs());
    if (result.kind === 'quoted') return result.quote;
    const gone = cart.lines.filter((line) => result.variantIds.includes(line.variantId));
    throw outOfStock(gone.map(({ variantId, quantity }) => ({ variantId, requested: quantity, available: 0 })));
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { CatalogService } from '../catalog/index.js';
import { DiscountsService } from '../discounts/index.js';
import { Clock } from '../platform/clock.js';
import { CONFIG, type Config } from '../platform/config.js';
import { invalidField } from '../platform/errors.js';
import type { CartLine } from './documents/cart-document.js';
import type { LinesToPrice, PriceSources } from './price-sold.js';
import { type CartQuote, quoteCart } from './quote-cart.js';

/** What carts cost, from cached offers and rules. The order is priced from PostgreSQL by the checkout. */
@Injectable()
export class CartPricing {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(CatalogService) private readonly catalog: CatalogService,
    @Inject(DiscountsService) private readonly discounts: DiscountsService,
  ) {}

  /** @throws AppError `validation_failed` when the cart is worth more than a cart can be. */
  async quote(cart: LinesToPrice<CartLine>): Promise<CartQuote> {
    return quoteCart(cart, await this.sources(cart));
  }

  /** What the lines are priced with now. */
  async sources({ lines, discountCodes }: LinesToPrice): Promise<PriceSources> {
    const [offers, ruleSet] = await Promise.all([
      this.catalog.offers(lines.map((line) => line.variantId)),
      this.discounts.active(),
    ]);
    const exhaustedCodes = await this.discounts.exhausted(ruleSet, discountCodes);
    return { offers, ruleSet, exhaustedCodes, rates: this.config, nowMs: this.clock.nowMs() };
  }

  /** The shop's own currency unless one is given. @throws AppError `validation_failed` when the shop does not sell in it. */
  currencyOf(currency: string = this.config.DEFAULT_CURRENCY): string {
    if (this.config.SHIPPING_FLAT_RATES[currency] !== undefined) return currency;
    const sold = Object.keys(this.config.SHIPPING_FLAT_RATES).join(', ');
    throw invalidField('currency', 'currency_not_sold', `is not one the shop sells in (${sold})`);
  }
}

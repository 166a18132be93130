import { Inject, Injectable } from '@nestjs/common';
import { CartService, type LinesToPrice } from '../../cart/index.js';
import { notSold } from '../checkout-errors.js';
import type { Quote } from './checkout-session.js';
import { quoteLines } from './quote-lines.js';

/** What a customer is shown: priced from cached offers and rules. The order is priced again from PostgreSQL. */
@Injectable()
export class QuoteCheckout {
  constructor(@Inject(CartService) private readonly carts: CartService) {}

  /** @throws AppError `price_changed` naming the lines that are not sold any more */
  async quote(cart: LinesToPrice): Promise<Quote> {
    const result = quoteLines(cart, await this.carts.priceSources(cart));
    if (result.kind === 'quoted') return result.quote;
    throw notSold(cart.lines, result.variantIds);
  }
}

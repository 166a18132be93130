import { quantityLimit } from '../../cart/index.js';
import { AppError } from '../../platform/errors.js';
import { notSold, outOfStock } from '../checkout-errors.js';
import type { Attempt } from '../payments/attempt.js';
import { toQuoteAnswer } from '../session/quote-answer.js';
import type { EndedBy } from './end-attempt.js';
import type { Refusal } from './placing.js';

/** How an attempt ends whose order was refused: the error for the customer, and what the checkout goes back to. */
export function endedByRefusal(refusal: Refusal, attempt: Attempt): EndedBy {
  const { error, ...ending } = explain(refusal, attempt);
  return { state: 'voiding', error, ending };
}

function explain(refusal: Refusal, { agreement }: Attempt): { error: AppError } & EndedBy['ending'] {
  switch (refusal.kind) {
    case 'short':
      return { error: outOfStock(refusal.lines), checkout: 'expired' };
    case 'quantity_limit':
      return { error: quantityLimit(refusal.lines), checkout: 'expired' };
    case 'unavailable':
      return { error: notSold(agreement.quote.lines, refusal.variantIds), checkout: 'expired' };
    case 'price_changed': {
      const error = new AppError('price_changed', {
        detail:
          'The price is not the one you agreed to. Nothing was charged. Look at the new totals and complete again.',
        extra: { quote: toQuoteAnswer(refusal.quote) },
      });
      return { error, checkout: 'reserved', quote: refusal.quote };
    }
    case 'discount_exhausted': {
      const error = new AppError('price_changed', {
        detail: `The code ${refusal.codes.join(', ')} has been used up. Nothing was charged. Begin a new checkout without it.`,
        extra: { exhaustedCodes: refusal.codes },
      });
      return { error, checkout: 'expired' };
    }
    case 'unpriceable':
      return {
        error: new AppError('price_changed', {
          detail: `The cart cannot be priced any more: ${refusal.text}. Nothing was charged. Change the cart and begin a new checkout.`,
        }),
        checkout: 'expired',
      };
    case 'cart_ordered':
      return {
        error: new AppError('cart_ordered', {
          detail: 'This cart was ordered by another checkout. Nothing was charged again.',
        }),
        checkout: 'expired',
      };
  }
}

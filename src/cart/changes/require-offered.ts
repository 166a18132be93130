import type { Offer } from '../../catalog/index.js';
import { type FieldError, invalidFields } from '../../platform/errors.js';
import type { CartQuote } from '../quote-cart.js';

/**
 * Variants put into a cart must be for sale, by the quote of the cart with them.
 * @param fieldOf the name of the field that holds the variant with this index
 * @throws AppError `validation_failed` naming every variant that is not sold, or not in the cart's currency
 */
export function requireOffered(
  quote: CartQuote,
  variantIds: readonly string[],
  fieldOf: (index: number) => string,
): void {
  const unavailable = new Map(
    quote.lines.flatMap((one) => (one.state === 'unavailable' ? [[one.line.variantId, one.offer]] : [])),
  );
  const errors = variantIds.flatMap((variantId, index): FieldError[] => {
    if (!unavailable.has(variantId)) return [];
    const field = fieldOf(index);
    return [{ field, ...reasonOf(unavailable.get(variantId)) }];
  });
  if (errors.length === 0) return;
  throw invalidFields(errors);
}

function reasonOf(offer: Offer | undefined): Omit<FieldError, 'field'> {
  if (!offer) return { code: 'unknown_variant', text: 'is not sold here' };
  if (Object.keys(offer.prices).length === 0) return { code: 'no_price', text: 'has no price yet' };
  return { code: 'currency_not_sold', text: "is not sold in the cart's currency" };
}

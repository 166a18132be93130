import { z } from 'zod';
import { appliedDiscount, pricedLine, totals } from '../orders/order.dto.js';
import { toPricedAnswer } from '../orders/priced-answer.js';
import type { Quote } from './checkout-session.js';

/** The public form of a quote. */
export const quoteAnswer = z
  .object({
    lines: z.array(pricedLine),
    discounts: z.array(appliedDiscount),
    refusedDiscounts: z.array(z.object({ code: z.string(), reason: z.string(), text: z.string() })),
    ruleSetVersion: z.int(),
    totals,
  })
  .meta({ id: 'Quote' });

export function toQuoteAnswer(quote: Quote): z.infer<typeof quoteAnswer> {
  return {
    ...toPricedAnswer(quote, quote.lines),
    refusedDiscounts: quote.refusedDiscounts,
    ruleSetVersion: quote.ruleSetVersion,
  };
}

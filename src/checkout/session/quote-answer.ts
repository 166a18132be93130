import { z } from 'zod';
import { appliedDiscount, pricedLine, totals } from '../orders/order.dto.js';
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
  const inCurrency = (amount: number) => ({ amount, currency: quote.currency });
  return {
    lines: quote.lines.map((line) => ({
      variantId: line.variantId,
      productId: line.productId,
      sku: line.sku,
      title: line.title,
      quantity: line.quantity,
      unitPrice: inCurrency(line.unitPriceMinor),
      discount: inCurrency(line.discountMinor),
      tax: inCurrency(line.taxMinor),
      total: inCurrency(line.totalMinor),
    })),
    discounts: quote.discounts.map(({ code, title, amountMinor }) => ({
      code,
      title,
      amount: inCurrency(amountMinor),
    })),
    refusedDiscounts: quote.refusedDiscounts,
    ruleSetVersion: quote.ruleSetVersion,
    totals: {
      subtotal: inCurrency(quote.subtotalMinor),
      discount: inCurrency(quote.discountMinor),
      shipping: inCurrency(quote.shippingMinor),
      tax: inCurrency(quote.taxMinor),
      total: inCurrency(quote.totalMinor),
    },
  };
}

// How prices look in answers: the same for the quote of a checkout and for the order that came of it.
import type { z } from 'zod';
import type { AppliedDiscount } from '../../discounts/index.js';
import type { appliedDiscount, pricedLine, totals } from './order.dto.js';

export interface PricedLine {
  readonly variantId: string;
  readonly productId: string;
  readonly sku: string | null;
  readonly title: string;
  readonly quantity: number;
  readonly unitPriceMinor: number;
  readonly discountMinor: number;
  readonly taxMinor: number;
  readonly totalMinor: number;
}

export interface PricedWhole {
  readonly currency: string;
  readonly discounts: readonly AppliedDiscount[];
  readonly subtotalMinor: number;
  readonly discountMinor: number;
  readonly shippingMinor: number;
  readonly taxMinor: number;
  readonly totalMinor: number;
}

export interface PricedAnswer {
  lines: z.infer<typeof pricedLine>[];
  discounts: z.infer<typeof appliedDiscount>[];
  totals: z.infer<typeof totals>;
}

export function toPricedAnswer(whole: PricedWhole, lines: readonly PricedLine[]): PricedAnswer {
  const inCurrency = (amount: number) => ({ amount, currency: whole.currency });
  return {
    lines: lines.map((line) => ({
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
    discounts: whole.discounts.map(({ code, title, amountMinor }) => ({
      code,
      title,
      amount: inCurrency(amountMinor),
    })),
    totals: {
      subtotal: inCurrency(whole.subtotalMinor),
      discount: inCurrency(whole.discountMinor),
      shipping: inCurrency(whole.shippingMinor),
      tax: inCurrency(whole.taxMinor),
      total: inCurrency(whole.totalMinor),
    },
  };
}

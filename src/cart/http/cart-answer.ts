import { titleOf } from '../../catalog/index.js';
import type { PricedCart } from '../changes/cart-writer.js';
import type { CartQuote } from '../quote-cart.js';
import type { CartResponse } from './cart.dto.js';

/** The public form of a cart with its prices. */
export function toCartAnswer({ cart, quote }: PricedCart): CartResponse {
  const inCurrency = (amount: number) => ({ amount, currency: cart.currency });
  return {
    id: cart.id,
    version: cart.version,
    state: cart.orderId === undefined ? 'open' : 'ordered',
    orderId: cart.orderId ?? null,
    currency: cart.currency,
    lines: quote.lines.map((one) => toLine(one, inCurrency)),
    discountCodes: [...cart.discountCodes],
    discounts: quote.discounts.map(({ code, title, amountMinor }) => ({
      code,
      title,
      amount: inCurrency(amountMinor),
    })),
    refusedDiscounts: [...quote.refusedDiscounts],
    ruleSetVersion: quote.ruleSetVersion,
    totals: {
      subtotal: inCurrency(quote.subtotalMinor),
      discount: inCurrency(quote.discountMinor),
      tax: inCurrency(quote.taxMinor),
      total: inCurrency(quote.totalMinor),
    },
  };
}

function toLine(
  quoted: CartQuote['lines'][number],
  inCurrency: (amount: number) => { amount: number; currency: string },
): CartResponse['lines'][number] {
  const { state, line, offer } = quoted;
  const { lineId, variantId, quantity } = line;
  const about = {
    lineId,
    variantId,
    quantity,
    state,
    productId: offer?.productId ?? null,
    sku: offer?.sku ?? null,
    title: offer ? titleOf(offer) : null,
  };
  if (quoted.state === 'unavailable') {
    return { ...about, unitPrice: null, subtotal: null, discount: null, tax: null, total: null };
  }
  return {
    ...about,
    unitPrice: inCurrency(quoted.unitPriceMinor),
    subtotal: inCurrency(quoted.subtotalMinor),
    discount: inCurrency(quoted.discountMinor),
    tax: inCurrency(quoted.taxMinor),
    total: inCurrency(quoted.totalMinor),
  };
}

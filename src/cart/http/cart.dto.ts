import { z } from 'zod';
import { discountCode, REFUSAL_REASONS } from '../../discounts/index.js';
import { currencyCode, money } from '../../platform/money.js';
import { MAX_CODES, MAX_LINES, MAX_QUANTITY } from '../documents/cart-document.js';

const quantity = z.int().min(1).max(MAX_QUANTITY).meta({ example: 1 });

/** Ids are compared as text, so they are read in lower case. */
const id = z.uuid().toLowerCase();

export const lineRequest = z.strictObject({ variantId: id, quantity });
export const quantityRequest = z.strictObject({ quantity });
export const createCartRequest = z.strictObject({
  currency: currencyCode.optional().describe('One the shop sells in; its default unless given.'),
  lines: z.array(lineRequest).max(MAX_LINES).default([]),
});
export const codesRequest = z.strictObject({
  codes: z.array(discountCode).max(MAX_CODES).describe('All codes of the cart; those not listed are taken off.'),
});
export const mergeRequest = z.strictObject({ fromCartId: id });

export const cartParams = z.strictObject({ id });
export const lineParams = z.strictObject({ id, lineId: id });

const cartLineResponse = z
  .object({
    lineId: z.uuid(),
    variantId: z.uuid(),
    quantity: z.int(),
    state: z
      .enum(['offered', 'unavailable'])
      .describe(
        '`unavailable`: no longer sold, or not in this currency. Such a line has no prices and counts for nothing.',
      ),
    productId: z.uuid().nullable(),
    sku: z.string().nullable(),
    title: z.string().nullable(),
    unitPrice: money.nullable(),
    subtotal: money.nullable(),
    discount: money.nullable(),
    tax: money.nullable(),
    total: money.nullable(),
  })
  .meta({ id: 'CartLine' });

export const cartResponse = z
  .object({
    id: z.uuid(),
    version: z.int().describe('Grows with every change; the ETag of the answer.'),
    state: z.enum(['open', 'ordered']),
    orderId: z.uuid().nullable(),
    currency: z.string(),
    lines: z.array(cartLineResponse),
    discountCodes: z.array(z.string()),
    discounts: z.array(z.object({ code: z.string(), title: z.string(), amount: money })),
    refusedDiscounts: z.array(
      z.object({ code: z.string(), reason: z.enum(REFUSAL_REASONS), text: z.string().describe('For the customer.') }),
    ),
    ruleSetVersion: z.int(),
    totals: z
      .object({ subtotal: money, discount: money, tax: money, total: money })
      .describe('Without shipping, which is known at checkout. Inclusive prices contain the tax.'),
  })
  .meta({ id: 'Cart' });

export type LineRequest = z.infer<typeof lineRequest>;
export type CreateCartRequest = z.infer<typeof createCartRequest>;
export type CartResponse = z.infer<typeof cartResponse>;

import { z } from 'zod';
import { instant } from '../../platform/http/instant.js';
import { pageQuery } from '../../platform/http/page.js';
import { plainText } from '../../platform/http/plain-text.js';
import { money } from '../../platform/money.js';
import { address } from '../session/checkout-session.js';

const ORDER_STATES = ['placed', 'captured', 'cancelled'] as const;

/** The totals of a checkout or an order. Inclusive prices contain `tax`; else it is part of `total` on top. */
export const totals = z
  .object({ subtotal: money, discount: money, shipping: money, tax: money, total: money })
  .meta({ id: 'Totals' });

export const pricedLine = z
  .object({
    variantId: z.uuid(),
    productId: z.uuid(),
    sku: z.string().nullable(),
    title: z.string(),
    quantity: z.int(),
    unitPrice: money,
    discount: money,
    tax: money,
    total: money,
  })
  .meta({ id: 'PricedLine' });

export const appliedDiscount = z
  .object({ code: z.string(), title: z.string(), amount: money })
  .meta({ id: 'AppliedDiscount' });

export const orderAnswer = z
  .object({
    id: z.uuid(),
    number: z.int(),
    state: z
      .enum(ORDER_STATES)
      .describe(
        '`placed`: payment is promised. `captured`: it was taken, moments later; by hand, once it is marked as paid.',
      ),
    checkoutId: z.uuid(),
    email: z.string().nullable(),
    lines: z.array(pricedLine),
    discounts: z.array(appliedDiscount),
    ruleSetVersion: z.int().describe('The version of the discount rules that priced the order.'),
    totals,
    shippingMethodId: z.string().nullable(),
    shippingAddress: address.nullable(),
    billingAddress: address.nullable(),
    placedAt: z.iso.datetime(),
  })
  .meta({ id: 'Order' });
export type OrderAnswer = z.infer<typeof orderAnswer>;

export const placedOrderAnswer = orderAnswer
  .extend({ accessToken: z.string().describe('Opens the order without an account. Shown in this answer only.') })
  .meta({ id: 'PlacedOrder' });

export const orderParams = z.strictObject({ id: z.uuid().toLowerCase() });
export const orderQuery = z.strictObject({ accessToken: z.string().min(1).max(100).optional() });

export const orderSummary = orderAnswer
  .pick({ id: true, number: true, state: true, placedAt: true })
  .extend({ total: money })
  .meta({ id: 'OrderSummary' });
export type OrderSummary = z.infer<typeof orderSummary>;

export const orderListQuery = z.strictObject(pageQuery);
export const orderSearchQuery = z
  .strictObject({
    ...pageQuery,
    q: plainText(1, 320).optional().describe('An order number, or the beginning of an e-mail address.'),
    state: z.enum(ORDER_STATES).optional(),
    customerId: z.uuid().toLowerCase().optional(),
    placedFrom: instant.optional(),
    placedBefore: instant.optional(),
  })
  .superRefine(({ placedFrom, placedBefore }, ctx) => {
    if (placedFrom !== undefined && placedBefore !== undefined && new Date(placedFrom) > new Date(placedBefore))
      ctx.addIssue({ code: 'custom', path: ['placedBefore'], message: 'must not be before placedFrom' });
  });
export type OrderSearchQuery = z.infer<typeof orderSearchQuery>;
export type OrderListQuery = z.infer<typeof orderListQuery>;

import { z } from 'zod';
import { plainText } from '../../platform/http/plain-text.js';
import { CHECKOUT_STATES } from './transitions.js';

const text = (max: number) => plainText(1, max);
const optionalText = (max: number) => text(max).optional();

/** A postal address as a customer types it. */
export const address = z
  .strictObject({
    name: text(200),
    company: optionalText(200),
    line1: text(200),
    line2: optionalText(200),
    city: text(100),
    region: optionalText(100),
    postalCode: optionalText(20),
    country: z
      .string()
      .regex(/^[A-Z]{2}$/, 'must be an ISO 3166 code of two capitals, like US')
      .meta({ example: 'US' }),
    phone: optionalText(40),
  })
  .meta({ id: 'Address' });
export type Address = z.infer<typeof address>;

const minor = z.int().min(0);

/** One line with its price, as the customer was shown it. */
export const quotedLine = z.object({
  variantId: z.string(),
  productId: z.string(),
  sku: z.string().nullable(),
  title: z.string(),
  quantity: z.int().min(1),
  unitPriceMinor: minor,
  subtotalMinor: minor,
  discountMinor: minor,
  taxMinor: minor,
  totalMinor: minor,
});

/** What a checkout costs, and by which rule set. Minor units of `currency`. */
export const quote = z.object({
  currency: z.string(),
  ruleSetVersion: z.int(),
  lines: z.array(quotedLine),
  discounts: z.array(z.object({ code: z.string(), title: z.string(), amountMinor: minor })),
  refusedDiscounts: z.array(z.object({ code: z.string(), reason: z.string(), text: z.string() })),
  subtotalMinor: minor,
  discountMinor: minor,
  shippingMinor: minor,
  taxMinor: minor,
  totalMinor: minor,
});
export type Quote = z.infer<typeof quote>;

/** A checkout as it is kept in Redis and PostgreSQL. */
export const checkoutSession = z.object({
  id: z.string(),
  version: z.int().min(1),
  state: z.enum(CHECKOUT_STATES),
  cartId: z.string(),
  customerId: z.string().optional(),
  email: z.string().optional(),
  discountCodes: z.array(z.string()),
  shippingAddress: address.optional(),
  billingAddress: address.optional(),
  shippingMethodId: z.string().optional(),
  quote,
  holdExpiresAtMs: z.int(),
  /** The attempt that is, or was last, paying it. */
  attemptId: z.string().optional(),
  orderId: z.string().optional(),
});
export type CheckoutSession = z.infer<typeof checkoutSession>;

const texts = new WeakMap<CheckoutSession, string>();

/** The session as JSON. PostgreSQL and Redis both want it: it is made once. A session never changes in place. */
export function textOf(session: CheckoutSession): string {
  let text = texts.get(session);
  if (text === undefined) {
    text = JSON.stringify(session);
    texts.set(session, text);
  }
  return text;
}

/** Sessions as a JSON array. */
export function textOfAll(sessions: readonly CheckoutSession[]): string {
  return `[${sessions.map(textOf).join()}]`;
}

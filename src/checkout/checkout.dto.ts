import { z } from 'zod';
import { money } from '../platform/money.js';
import type { NextAction } from './payments/payment-provider.js';
import { address, type CheckoutSession } from './session/checkout-session.js';
import { postalAddress } from './session/postal-address.js';
import { quoteAnswer, toQuoteAnswer } from './session/quote-answer.js';
import { shippingMethodsOf } from './session/shipping-methods.js';
import { CHECKOUT_STATES } from './session/transitions.js';

const email = z.email().max(254);

export const checkoutParams = z.strictObject({ id: z.uuid().toLowerCase() });

export const openCheckoutRequest = z
  .strictObject({ cartId: z.uuid().toLowerCase(), email: email.optional() })
  .meta({ id: 'OpenCheckout', example: { cartId: '0f0b2d5e-7c2e-4a0e-9d53-0c7f7f9c3b11', email: 'ada@example.com' } });
export type OpenCheckoutRequest = z.infer<typeof openCheckoutRequest>;

export const changeCheckoutRequest = z
  .strictObject({
    email,
    shippingAddress: postalAddress,
    billingAddress: postalAddress,
    shippingMethodId: z.string().min(1).max(50),
  })
  .partial()
  .meta({ id: 'ChangeCheckout' });
export type ChangeCheckoutRequest = z.infer<typeof changeCheckoutRequest>;

export const completeCheckoutRequest = z
  .strictObject({
    payment: z.strictObject({ provider: z.string().min(1).max(50), token: z.string().min(1).max(500) }),
  })
  .meta({ id: 'CompleteCheckout', example: { payment: { provider: 'test', token: 'tok_ok' } } });
export type CompleteCheckoutRequest = z.infer<typeof completeCheckoutRequest>;

export const paymentActionAnswer = z
  .object({
    checkoutId: z.uuid(),
    state: z.literal('requires_action'),
    action: z.object({
      type: z.string().describe("The provider's name for it, such as `use_stripe_sdk`."),
      clientSecret: z.string().nullable().describe("For the provider's library in the browser."),
      redirectUrl: z.string().nullable().describe('Where to send the customer, if the provider says so.'),
    }),
    expiresAt: z.iso.datetime().describe('Until then the customer can confirm.'),
  })
  .meta({
    id: 'PaymentAction',
    description: 'The customer must confirm the payment. Send the same request again then.',
  });

export function toPaymentActionAnswer(
  checkoutId: string,
  { action, expiresAtMs }: { readonly action: NextAction; readonly expiresAtMs: number },
): z.infer<typeof paymentActionAnswer> {
  const { type, clientSecret = null, redirectUrl = null } = action;
  const expiresAt = new Date(expiresAtMs).toISOString();
  return { checkoutId, state: 'requires_action', action: { type, clientSecret, redirectUrl }, expiresAt };
}

export const shippingMethodsAnswer = z
  .object({ items: z.array(z.object({ id: z.string(), title: z.string(), price: money })) })
  .meta({ id: 'ShippingMethods' });

export const checkoutAnswer = quoteAnswer
  .extend({
    id: z.uuid(),
    version: z.int(),
    state: z.enum(CHECKOUT_STATES),
    cartId: z.uuid(),
    email: z.string().nullable(),
    shippingAddress: address.nullable(),
    billingAddress: address.nullable(),
    shippingMethodId: z.string().nullable(),
    holdExpiresAt: z.iso
      .datetime()
      .describe('Until then the stock is set aside. A later payment tries to get it again.'),
    orderId: z.uuid().nullable(),
  })
  .meta({ id: 'Checkout' });
export type CheckoutAnswer = z.infer<typeof checkoutAnswer>;

export function toCheckoutAnswer(session: CheckoutSession): CheckoutAnswer {
  return {
    id: session.id,
    version: session.version,
    state: session.state,
    cartId: session.cartId,
    email: session.email ?? null,
    shippingAddress: session.shippingAddress ?? null,
    billingAddress: session.billingAddress ?? null,
    shippingMethodId: session.shippingMethodId ?? null,
    holdExpiresAt: new Date(session.holdExpiresAtMs).toISOString(),
    orderId: session.orderId ?? null,
    ...toQuoteAnswer(session.quote),
  };
}

export function toShippingMethodsAnswer({ quote }: CheckoutSession): z.infer<typeof shippingMethodsAnswer> {
  const items = shippingMethodsOf(quote).map(({ id, title, priceMinor }) => ({
    id,
    title,
    price: { amount: priceMinor, currency: quote.currency },
  }));
  return { items };
}

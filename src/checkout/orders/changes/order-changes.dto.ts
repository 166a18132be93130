import { z } from 'zod';
import { plainText } from '../../../platform/http/plain-text.js';
import { MAX_AMOUNT_MINOR, money } from '../../../platform/money.js';
import { ATTEMPT_STATES } from '../../payments/attempt-states.js';
import { REFUND_STATES } from '../../payments/refunds/refunds.schema.js';
import { orderAnswer, pricedLine } from '../order.dto.js';

const quantities = z
  .array(z.strictObject({ variantId: z.uuid().toLowerCase(), quantity: z.int().min(1).max(1_000_000) }))
  .min(1)
  .max(100)
  .refine((lines) => new Set(lines.map((line) => line.variantId)).size === lines.length, 'must name each variant once');
const reason = plainText(1, 500).optional();

export const cancelRequest = z
  .strictObject({
    reason,
    restock: z.boolean().default(true).describe('Give what it took back to the stock.'),
  })
  .prefault({});
export type CancelRequest = z.infer<typeof cancelRequest>;

export const refundRequest = z
  .strictObject({
    lines: quantities.optional(),
    shipping: z.boolean().default(false).describe('Also what is left of the paid shipping.'),
    amount: z
      .strictObject(
        { ...money.shape, amount: z.int().min(1).max(MAX_AMOUNT_MINOR) },
        {
          error: ({ code, input }) =>
            code === 'invalid_type' && input !== undefined
              ? 'must be an amount with its currency, like {"amount":500,"currency":"USD"}'
              : undefined,
        },
      )
      .optional()
      .meta({ id: undefined, description: 'A further amount, whatever it is for.' }),
    restock: z.boolean().default(true).describe('Give the units of the lines back to the stock.'),
    reason,
  })
  .refine(({ lines, shipping, amount }) => lines || shipping || amount, 'must name lines, shipping or an amount');
export type RefundRequest = z.infer<typeof refundRequest>;

export const fulfillmentRequest = z
  .strictObject({
    lines: quantities.optional().describe('Everything that is left, unless given.'),
    carrier: plainText(1, 100).optional(),
    trackingNumber: plainText(1, 100).optional(),
    trackingUrl: z
      .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
      .max(500)
      .optional(),
  })
  .prefault({});
export type FulfillmentRequest = z.infer<typeof fulfillmentRequest>;

const shippedUnits = z.array(z.object({ variantId: z.uuid(), quantity: z.int() }));
export const refundAnswer = z
  .object({
    id: z.uuid(),
    state: z.enum(REFUND_STATES),
    amount: money,
    tax: money.describe('The tax within the lines of the amount.'),
    lines: z.array(z.object({ variantId: z.uuid(), quantity: z.int(), amount: money, tax: money })),
    shipping: money,
    reason: z.string().nullable(),
    restocked: z.boolean().describe('Whether the units of the lines went back to the stock.'),
    refusal: z.string().nullable().describe('Why the provider refused.'),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Refund' });

export const fulfillmentAnswer = z
  .object({
    id: z.uuid(),
    lines: shippedUnits,
    carrier: z.string().nullable(),
    trackingNumber: z.string().nullable(),
    trackingUrl: z.string().nullable(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Fulfillment' });

export const disputeAnswer = z
  .object({
    id: z.uuid(),
    state: z
      .enum(['inquiry', 'open', 'won', 'lost', 'closed'])
      .describe('`inquiry`: the bank asks. `open`, `lost`: the money is gone, for now or for good.'),
    amount: money,
    reason: z.string().nullable(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Dispute' });

export const timelineEntry = z
  .object({
    kind: z.enum([
      'placed',
      'captured',
      'fulfilled',
      'refund_requested',
      'refunded',
      'refund_refused',
      'disputed',
      'dispute_won',
      'dispute_lost',
      'dispute_closed',
      'cancelled',
    ]),
    at: z.iso.datetime(),
    id: z.uuid().optional().describe('The refund, fulfillment or dispute that it is about.'),
  })
  .meta({ id: 'TimelineEntry' });

/** An order with everything that has happened to it. */
export const orderDetail = orderAnswer
  .extend({
    lines: z.array(pricedLine.extend({ fulfilled: z.int(), refunded: z.int() }).meta({ id: 'OrderLine' })),
    fulfillmentState: z.enum(['unfulfilled', 'partial', 'fulfilled']),
    payment: z.object({ id: z.uuid(), provider: z.string(), state: z.enum(ATTEMPT_STATES) }),
    refunded: money,
    disputed: money.describe('What the bank of the customer has taken back, for now or for good.'),
    refunds: z.array(refundAnswer),
    fulfillments: z.array(fulfillmentAnswer),
    disputes: z.array(disputeAnswer),
    cancelReason: z.string().nullable(),
    timeline: z.array(timelineEntry),
  })
  .meta({ id: 'OrderDetail' });
export type OrderDetail = z.infer<typeof orderDetail>;

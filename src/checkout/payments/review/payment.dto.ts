import { z } from 'zod';
import { pageQuery } from '../../../platform/http/page.js';
import { money } from '../../../platform/money.js';
import { ATTEMPT_STATES, RESOLUTIONS } from '../attempt-states.js';

export const paymentParams = z.strictObject({ id: z.uuid().toLowerCase() });
export const resolutionParams = paymentParams.extend({ resolution: z.enum(RESOLUTIONS) });

export const paymentListQuery = z.strictObject({
  ...pageQuery,
  state: z.enum(ATTEMPT_STATES).default('review').describe('Payments in this state, longest without news first.'),
});
export type PaymentListQuery = z.infer<typeof paymentListQuery>;

export const paymentAnswer = z
  .object({
    id: z.uuid(),
    state: z.enum(ATTEMPT_STATES),
    provider: z.string(),
    providerReference: z.string().nullable(),
    amount: money,
    checkoutId: z.uuid(),
    orderId: z.uuid().nullable().describe('The order it pays; null when none came of it.'),
    reason: z.string().nullable().describe('Why a person must look at it.'),
    resolutions: z.array(z.enum(RESOLUTIONS)).describe('What can be done about it.'),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Payment' });
export type PaymentAnswer = z.infer<typeof paymentAnswer>;

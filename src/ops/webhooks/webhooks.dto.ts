import { z } from 'zod';
import { pageOf, pageQuery } from '../../platform/http/page.js';
import { PUBLIC_EVENTS } from './public-events.js';

const events = z.array(z.enum(PUBLIC_EVENTS)).min(1).max(PUBLIC_EVENTS.length);
const url = z.url({ protocol: /^https?$/, error: 'must be an https URL' }).max(2_000);

export const webhookParams = z.strictObject({ id: z.uuid() });
export const deliveryParams = z.strictObject({
  id: z.uuid(),
  deliveryId: z.string().regex(/^[1-9]\d{0,17}$/, 'must be the id of a delivery'),
});
export const newWebhook = z.strictObject({ url, events: events.default(PUBLIC_EVENTS) });
export type NewWebhook = z.infer<typeof newWebhook>;
export const webhookChange = z
  .strictObject({ url: url.optional(), events: events.optional(), enabled: z.boolean().optional() })
  .refine((change) => Object.keys(change).length > 0, 'must change something');
export type WebhookChange = z.infer<typeof webhookChange>;

export const webhook = z
  .object({
    id: z.uuid(),
    url: z.string(),
    events: z.array(z.string()),
    createdAt: z.iso.datetime(),
    disabledAt: z.iso.datetime().nullable(),
    disabledReason: z.string().nullable(),
  })
  .meta({ id: 'Webhook' });
export const createdWebhook = webhook
  .extend({ secret: z.string().describe('Verifies what is sent (Standard Webhooks). Shown this once.') })
  .meta({ id: 'CreatedWebhook' });
export const webhooks = z.object({ items: z.array(webhook) });

export const deliveryQuery = z.strictObject(pageQuery);
export const delivery = z
  .object({
    id: z.string(),
    eventId: z.string(),
    event: z.string(),
    body: z.string(),
    state: z.enum(['pending', 'delivered', 'failed']),
    attempts: z.int(),
    dueAt: z.iso.datetime(),
    lastStatus: z.int().nullable(),
    lastError: z.string().nullable(),
    createdAt: z.iso.datetime(),
    deliveredAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'WebhookDelivery' });
export const deliveries = pageOf(delivery);
/** Where the next page of the log begins. */
export const deliveryPosition = z.tuple([z.string().regex(/^\d{1,18}$/)]);

// The webhooks of the `test` provider: `{"id": "evt_…", "payment": "<key>"}`, signed in the header `test-signature` as
// `t=<seconds>,v1=<hex HMAC-SHA256 of "t.body">`, the scheme that Stripe uses.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { WebhookHeaders, WebhookReading } from '../payment-provider.js';

const TOLERANCE_S = 300;
const event = z
  .string()
  .transform((text, ctx) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      ctx.addIssue('is not JSON');
      return z.NEVER;
    }
  })
  .pipe(z.object({ id: z.string().min(1).max(200), payment: z.uuid().optional() }))
  .transform(({ id, payment }) => ({ id, payment }));

/** Reads a webhook if it was signed with the secret within TOLERANCE_S. */
export function readTestWebhook(
  body: Buffer,
  headers: WebhookHeaders,
  secret: string | undefined,
  nowMs: number,
): WebhookReading {
  if (secret === undefined) return refused('No TEST_PROVIDER_WEBHOOK_SECRET is set.');
  const given = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(String(headers['test-signature']));
  if (!given?.[1] || !given[2]) return refused('The header test-signature is missing or not of the form t=…,v1=….');
  const expected = createHmac('sha256', secret).update(`${given[1]}.`).update(body).digest();
  if (!timingSafeEqual(expected, Buffer.from(given[2], 'hex'))) return refused('The signature is not of this body.');
  if (Math.abs(nowMs / 1_000 - Number(given[1])) > TOLERANCE_S) return refused('The signature is too old.');
  const read = event.safeParse(body.toString());
  return read.success ? { kind: 'event', ...read.data } : refused('The body is not an event.');
}

function refused(reason: string): WebhookReading {
  return { kind: 'refused', reason };
}

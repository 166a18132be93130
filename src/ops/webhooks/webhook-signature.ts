import { createHmac } from 'node:crypto';

/**
 * The headers that sign a webhook: HMAC-SHA256 over `id.timestamp.body` (Standard Webhooks 1.0, "Signature scheme").
 * @param secret the bytes behind `whsec_`
 */
export function signatureHeaders(
  id: string,
  body: string,
  secret: Buffer,
  nowMs: number,
): Readonly<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>> {
  const timestamp = String(Math.floor(nowMs / 1_000));
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}

/** The secret as receivers' libraries take it. */
export const secretText = (secret: Buffer): string => `whsec_${secret.toString('base64')}`;

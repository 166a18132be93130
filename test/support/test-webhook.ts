import { createHmac, randomUUID } from 'node:crypto';

/** A webhook as the `test` payment provider would send it. */
export function testWebhook(secret: string, payment: string, id = `evt_${randomUUID()}`) {
  const body = Buffer.from(JSON.stringify({ id, payment }));
  const atS = Math.floor(Date.now() / 1_000);
  const v1 = createHmac('sha256', secret).update(`${atS}.`).update(body).digest('hex');
  return { body, headers: { 'content-type': 'application/json', 'test-signature': `t=${atS},v1=${v1}` } };
}

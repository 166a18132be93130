// Outgoing webhooks, sent to a real receiver that checks them as the Standard Webhooks specification says.
import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { WebhookSender } from '../../src/ops/webhooks/webhook-sender.js';
import { Clock } from '../../src/platform/clock.js';
import type { Config } from '../../src/platform/config.js';
import { eventually } from '../support/eventually.js';
import { joinShop } from '../support/shop.js';
import { shop, useShop } from '../support/shop-rig.js';
import { atRest, query } from '../support/shop-state.js';
import { type Loose, Shopper } from '../support/shopper.js';
import { type StockedVariant, stockProducts } from '../support/stock.js';

interface Received {
  readonly id: string;
  readonly body: Loose;
  readonly signed: boolean;
}

/** Answers with the statuses it is given, then 204. `null` never answers. */
class Receiver {
  readonly received: Received[] = [];
  readonly answers: (number | null)[] = [];
  secret = '';

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<Receiver> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const receiver = new Receiver(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`);
    server.on('request', async (request, response) => {
      const status = await receiver.receive(request);
      if (status !== null) response.writeHead(status).end('x'.repeat(100_000));
    });
    return receiver;
  }

  get orderIds() {
    return this.received.map(({ body }) => body.data.orderId);
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async receive(request: IncomingMessage): Promise<number | null> {
    const text = Buffer.concat(await request.toArray()).toString();
    const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = request.headers;
    const secret = Buffer.from(this.secret.replace('whsec_', ''), 'base64');
    const expected = createHmac('sha256', secret).update(`${id}.${timestamp}.${text}`).digest('base64');
    this.received.push({ id: String(id), body: JSON.parse(text), signed: signature === `v1,${expected}` });
    const answer = this.answers.shift();
    return answer === undefined ? 204 : answer;
  }
}

let variant: StockedVariant;
const receivers: Receiver[] = [];

useShop({ WEBHOOK_ALLOW_PRIVATE: 'true' });
beforeAll(async () => {
  variant = (await stockProducts(shop, [{ handle: 'thing', onHand: 100 }]))[0]!;
});
afterEach(async () => {
  for (const receiver of receivers.splice(0)) receiver.stop();
  await query(shop, 'DELETE FROM webhook_endpoints');
});

async function subscribe(answers: (number | null)[] = []): Promise<{ id: string; receiver: Receiver }> {
  const receiver = await Receiver.start();
  receivers.push(receiver);
  receiver.answers.push(...answers);
  const { status, body } = await shop.admin.post<Loose>('/v1/admin/webhooks', {
    url: receiver.url,
    events: ['order.placed'],
  });
  expect({ status, secret: /^whsec_.{44}$/.test(body.secret) }).toEqual({ status: 201, secret: true });
  receiver.secret = body.secret;
  return { id: body.id, receiver };
}

const buy = async (): Promise<string> =>
  (await new Shopper(shop.http).buy([{ variantId: variant.variantId, quantity: 1 }])).body.id;
const logOf = async (id: string) => (await shop.admin.get<Loose>(`/v1/admin/webhooks/${id}/deliveries`)).body;
const dueNow = () => query(shop, `UPDATE webhook_deliveries SET due_at = now() WHERE state = 'pending'`);

test('an order is told to who asked, signed, once, and the log says so', async () => {
  const { id, receiver } = await subscribe();
  const orderId = await buy();
  await eventually(() => expect(receiver.orderIds).toEqual([orderId]));
  expect(receiver.received[0]).toMatchObject({ signed: true, body: { type: 'order.placed', data: { orderId } } });
  await eventually(async () =>
    expect(await logOf(id)).toMatchObject({
      items: [{ event: 'order.placed', state: 'delivered', attempts: 1, lastStatus: 204 }],
      nextCursor: null,
    }),
  );
  const listed = (await shop.admin.get<Loose>('/v1/admin/webhooks')).body.items;
  expect(listed).toMatchObject([{ id, events: ['order.placed'], disabledAt: null }]);
  expect(listed[0].secret).toBeUndefined();
});

test('an event that the outbox hands over twice is sent once', async () => {
  const { receiver } = await subscribe();
  const payload = JSON.stringify({ orderId: 'x', attemptId: 'x', checkoutId: 'x', cartId: 'x' });
  const [event] = await query<{ id: string }>(
    shop,
    `INSERT INTO outbox (event, payload) VALUES ('order.placed', $1) RETURNING id`,
    [payload],
  );
  // Its other subscribers cannot take it, so it comes again and again.
  await eventually(async () => {
    const [row] = await query<{ attempts: number }>(shop, 'SELECT attempts FROM outbox WHERE id = $1', [event!.id]);
    expect(row!.attempts).toBeGreaterThan(2);
    expect(receiver.orderIds).toContain('x');
  });
  await query(shop, 'DELETE FROM outbox');
  expect(receiver.orderIds).toEqual(['x']);
});

test('what is not taken is sent again with the same id, later and later', async () => {
  const { id, receiver } = await subscribe([500, 302]);
  const orderId = await buy();
  await eventually(async () => {
    expect(await logOf(id)).toMatchObject({ items: [{ state: 'pending', attempts: 1, lastError: 'answered 500' }] });
  });
  const [{ wait } = { wait: 0 }] = await query<{ wait: number }>(
    shop,
    'SELECT extract(epoch FROM due_at - now())::float AS wait FROM webhook_deliveries',
  );
  expect(wait).toBeGreaterThan(2);
  for (const attempts of [2, 3]) {
    await dueNow();
    await eventually(async () => expect(await logOf(id)).toMatchObject({ items: [{ attempts }] }));
  }
  await eventually(async () => expect(await logOf(id)).toMatchObject({ items: [{ state: 'delivered' }] }));
  expect(receiver.orderIds).toEqual([orderId, orderId, orderId]);
  expect(new Set(receiver.received.map((one) => one.id)).size).toBe(1);
});

test('after sixteen attempts it is given up, and can be sent again by hand', async () => {
  const { id, receiver } = await subscribe([500]);
  await query(shop, `UPDATE webhook_endpoints SET disabled_at = now()`);
  await query(
    shop,
    `INSERT INTO webhook_deliveries (endpoint_id, event_id, event, body, attempts) VALUES ($1, 1, 'order.placed', '{"data":{"orderId":"o"}}', 15)`,
    [id],
  );
  await shop.admin.patch(`/v1/admin/webhooks/${id}`, { enabled: true });
  await eventually(async () => expect(await logOf(id)).toMatchObject({ items: [{ state: 'failed', attempts: 16 }] }));
  const [line] = (await logOf(id)).items;
  expect((await shop.admin.post(`/v1/admin/webhooks/${id}/deliveries/${line.id}/replay`)).status).toBe(204);
  await eventually(async () => expect(await logOf(id)).toMatchObject({ items: [{ state: 'delivered' }] }));
  expect(receiver.received).toHaveLength(2);
  expect((await shop.admin.post(`/v1/admin/webhooks/${id}/deliveries/999999/replay`)).status).toBe(404);
});

test('a receiver that hangs holds up nobody else', async () => {
  const [slow, quick] = [await subscribe([null, null, null]), await subscribe()];
  const orders = [await buy(), await buy(), await buy()];
  await eventually(() => expect(quick.receiver.orderIds.sort()).toEqual(orders.sort()));
  slow.receiver.stop();
});

test('a receiver that is gone for good is not asked again', async () => {
  const { id } = await subscribe([410]);
  await buy();
  await eventually(async () => {
    const [webhook] = (await shop.admin.get<Loose>('/v1/admin/webhooks')).body.items;
    expect(webhook.disabledReason).toBe('it answered 410 Gone');
  });
  await buy();
  await atRest(shop);
  expect((await logOf(id)).items).toHaveLength(1);
});

test('endpoints are bounded, checked and deleted with their log', async () => {
  const { id } = await subscribe();
  for (const body of [{}, { url: 'ftp://x' }, { url: 'https://u:p@x.example' }, { url: 'https://x', events: ['no'] }]) {
    expect((await shop.admin.post('/v1/admin/webhooks', body)).status).toBe(400);
  }
  const others = await Promise.all(
    Array.from({ length: 25 }, () => shop.admin.post<Loose>('/v1/admin/webhooks', { url: 'https://example.com/x' })),
  );
  expect(others.filter(({ status }) => status === 201)).toHaveLength(19);
  expect(others.find(({ status }) => status !== 201)).toMatchObject({ status: 409, body: { code: 'limit_reached' } });
  expect((await shop.admin.patch(`/v1/admin/webhooks/${id}`, {})).status).toBe(400);
  expect((await shop.admin.delete(`/v1/admin/webhooks/${id}`)).status).toBe(204);
  expect((await shop.admin.delete(`/v1/admin/webhooks/${id}`)).status).toBe(404);
});

test('unless it is allowed, an address of the network that the shop runs in is refused when it is given', async () => {
  const strict = await joinShop(shop, { WEBHOOK_ALLOW_PRIVATE: 'false' });
  const { id } = await subscribe();
  try {
    for (const host of [
      '127.0.0.1',
      '2130706433',
      '10.1.2.3',
      '169.254.169.254',
      '[::1]',
      '[::ffff:10.0.0.1]',
      'localhost',
    ]) {
      const refusal = {
        status: 400,
        body: {
          errors: [{ field: 'url', code: 'not_public', text: expect.stringContaining('WEBHOOK_ALLOW_PRIVATE') }],
        },
      };
      const url = `https://${host}/hook`;
      expect(await strict.admin.post('/v1/admin/webhooks', { url })).toMatchObject(refusal);
      expect(await strict.admin.patch(`/v1/admin/webhooks/${id}`, { url })).toMatchObject(refusal);
    }
    const { status } = await strict.admin.post('/v1/admin/webhooks', { url: 'https://93.184.215.14/hook' });
    expect(status).toBe(201);
  } finally {
    await strict.close();
  }
});

test('unless it is allowed, nothing is sent into the network that the shop runs in', async () => {
  const { receiver } = await subscribe();
  const sender = new WebhookSender({ WEBHOOK_ALLOW_PRIVATE: false } as Config, shop.app.get(Clock));
  const webhook = { id: '1', endpointId: 'e', secret: Buffer.alloc(32), eventId: '1', body: '{}', attempts: 1 };
  for (const url of [receiver.url, receiver.url.replace('127.0.0.1', 'localhost'), 'http://[::ffff:7f00:1]/hook']) {
    const outcome = await sender.send({ ...webhook, url });
    expect(outcome).toMatchObject({ status: null, error: expect.stringContaining('not on the public internet') });
  }
  expect(receiver.received).toEqual([]);
});

// A local server that speaks the parts of Stripe's API that the shop uses, as documented: payment intents with manual
// capture, refunds, disputes, idempotency (the first result is repeated, even a 500; other parameters are an error; refusals
// of parameters are not kept), card errors, 3-D Secure, and signed webhooks. A test can make the next request fail.
import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StripeAccount } from './stripe-account.js';
import { brokenDown, newId, type Reply, refusal } from './stripe-replies.js';

export const STRIPE_KEY = 'sk_test_of_the_local_server';
export const STRIPE_WEBHOOK_SECRET = 'whsec_of_the_local_server';

/** What goes wrong once with a request like `POST /v1/payment_intents`. `hang`: the work is done, no answer comes. */
export type Failure =
  | { readonly path: RegExp; readonly kind: 'hang' | 'reset' }
  | { readonly path: RegExp; readonly kind: 'status'; readonly status: number };

export class StripeServer extends StripeAccount {
  /** Every request: `POST /v1/payment_intents`. */
  readonly requests: string[] = [];
  private readonly results = new Map<string, { readonly request: string; readonly reply: Reply }>();
  private readonly failures: Failure[] = [];
  private readonly server: Server;

  private constructor() {
    super();
    this.server = createServer((request, response) => void this.handle(request, response));
  }

  static async start(): Promise<StripeServer> {
    const stripe = new StripeServer();
    await new Promise<void>((resolve) => stripe.server.listen(0, '127.0.0.1', resolve));
    return stripe;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  failNext(failure: Failure): void {
    this.failures.push(failure);
  }

  /** Keys are forgotten "after they're at least 24 hours old". */
  forgetKeys(): void {
    this.results.clear();
  }

  /** A webhook as Stripe sends it: https://docs.stripe.com/webhooks#verify-manually */
  webhook(type: string, object: object, options: { readonly id?: string; readonly atMs?: number } = {}) {
    const created = Math.floor((options.atMs ?? Date.now()) / 1_000);
    const id = options.id ?? newId('evt');
    const body = Buffer.from(JSON.stringify({ id, object: 'event', type, created, data: { object } }, null, 2));
    const v1 = createHmac('sha256', STRIPE_WEBHOOK_SECRET).update(`${created}.${body}`).digest('hex');
    const headers = {
      'content-type': 'application/json',
      'stripe-signature': `t=${created},v1=${v1},v0=${'0'.repeat(64)}`,
    };
    return { id, body, headers };
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? '', 'http://stripe');
    const text = Buffer.concat(chunks).toString();
    this.requests.push(`${request.method} ${url.pathname}`);
    if (request.headers.authorization !== `Bearer ${STRIPE_KEY}`) {
      return send(response, refusal(401, 'invalid_request_error', '', 'Invalid API Key provided.'));
    }
    const index = this.failures.findIndex(({ path }) => path.test(`${request.method} ${url.pathname}`));
    const failure = index < 0 ? undefined : this.failures.splice(index, 1)[0];
    const params = request.method === 'POST' ? new URLSearchParams(text) : url.searchParams;
    const reply = this.once(request, `${request.method} ${url.pathname} ${text}`, () =>
      failure?.kind === 'status' ? brokenDown(failure.status) : this.route(request.method ?? '', url.pathname, params),
    );
    if (failure?.kind === 'reset') return void request.socket.destroy();
    if (failure?.kind !== 'hang') send(response, reply);
  }

  /** https://docs.stripe.com/api/idempotent_requests */
  private once(request: IncomingMessage, what: string, work: () => Reply): Reply {
    const key = request.headers['idempotency-key'];
    if (request.method !== 'POST' || typeof key !== 'string') return work();
    const earlier = this.results.get(key);
    if (earlier && earlier.request !== what) {
      return refusal(
        400,
        'idempotency_error',
        '',
        'Keys for idempotent requests can only be used with the same parameters.',
      );
    }
    if (earlier) return earlier.reply;
    const reply = work();
    if (reply.began) this.results.set(key, { request: what, reply: structuredClone(reply) });
    return reply;
  }
}

function send(response: ServerResponse, { status, body }: Reply): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'request-id': newId('req'),
    'stripe-should-retry': 'false',
  });
  response.end(JSON.stringify(body));
}

// One full flow over HTTP, as a web shop sends it: each request needs an id from an answer before.
import { randomUUID } from 'node:crypto';
import type { FlowPlan } from './flow-plan.ts';

interface Step {
  readonly method: 'POST' | 'PATCH';
  readonly path: string;
  readonly status: number;
  readonly body: unknown;
}

const shippingAddress = {
  name: 'Ada Lovelace',
  line1: '12 St James Square',
  city: 'London',
  postalCode: 'SW1Y 4JH',
  country: 'GB',
};

/** How many requests a flow has. */
export const stepsOfFlow = 6;

export class Flow {
  readonly #plan: FlowPlan;
  readonly #variantId: string;
  #step = 0;
  #cartId = '';
  #checkoutId = '';

  constructor(plan: FlowPlan) {
    this.#plan = plan;
    this.#variantId = plan.variantIds[Math.floor(Math.random() * plan.variantIds.length)] ?? '';
  }

  get isOver(): boolean {
    return this.#step === stepsOfFlow;
  }

  /** The bytes of the request that is next. */
  request(): Buffer {
    const { method, path, body } = this.#current();
    const json = JSON.stringify(body);
    const lines = [
      `${method} ${path} HTTP/1.1`,
      `host: ${this.#plan.host}:${this.#plan.port}`,
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(json)}`,
    ];
    if (this.#step === stepsOfFlow - 1) lines.push(`idempotency-key: ${randomUUID()}`);
    return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${json}`);
  }

  /** Takes the answer to the request. @throws when it is not the expected one */
  take(status: number, body: Buffer): void {
    const { method, path, status: expected } = this.#current();
    if (status !== expected) throw new Error(`${method} ${path} answered ${status}: ${body}`);
    if (this.#step === 0) this.#cartId = idIn(body);
    if (this.#step === 2) this.#checkoutId = idIn(body);
    this.#step++;
  }

  #current(): Step {
    const checkout = `/v1/checkouts/${this.#checkoutId}`;
    const steps: readonly Step[] = [
      { method: 'POST', path: '/v1/carts', status: 201, body: {} },
      {
        method: 'POST',
        path: `/v1/carts/${this.#cartId}/lines`,
        status: 200,
        body: { variantId: this.#variantId, quantity: 1 },
      },
      {
        method: 'POST',
        path: '/v1/checkouts',
        status: 201,
        body: { cartId: this.#cartId, email: 'ada@example.com' },
      },
      { method: 'PATCH', path: checkout, status: 200, body: { shippingAddress } },
      { method: 'PATCH', path: checkout, status: 200, body: { shippingMethodId: 'standard' } },
      {
        method: 'POST',
        path: `${checkout}/complete`,
        status: 201,
        body: { payment: { provider: 'test', token: 'tok_ok' } },
      },
    ];
    const step = steps[this.#step];
    if (!step) throw new Error('The flow is over.');
    return step;
  }
}

/** Carts and checkouts are answered with their id first: the body need not be parsed. */
function idIn(body: Buffer): string {
  const id = /^\{"id":"([0-9a-f-]{36})"/.exec(body.toString('latin1', 0, 50))?.[1];
  if (!id) throw new Error(`An answer does not begin with an id: ${body}`);
  return id;
}

import { randomUUID } from 'node:crypto';
import type { HttpAnswer, HttpClient } from './http-client.js';

export interface CartLine {
  readonly variantId: string;
  readonly quantity: number;
}

// biome-ignore lint/suspicious/noExplicitAny: a test reads answers of many shapes
export type Loose = any;

/** Whatever a route answers: tests look at the parts they are about. */
export type Answer = HttpAnswer<Loose>;

/** Somebody who buys over HTTP, as a web shop would. */
export class Shopper {
  constructor(private readonly http: HttpClient) {}

  cart(lines: readonly CartLine[], currency?: string): Promise<Answer> {
    return this.http.post('/v1/carts', { lines, ...(currency && { currency }) });
  }

  checkout(cartId: string): Promise<Answer> {
    return this.http.post('/v1/checkouts', { cartId, email: 'ada@example.com' });
  }

  complete(checkoutId: string, options: { token?: string; key?: string; provider?: string } = {}): Promise<Answer> {
    const body = { payment: { provider: options.provider ?? 'test', token: options.token ?? 'tok_ok' } };
    return this.http.post(`/v1/checkouts/${checkoutId}/complete`, body, {
      headers: { 'idempotency-key': options.key ?? randomUUID() },
    });
  }

  /** Everything from an empty cart to the answer of the last request: the order, or the first refusal. */
  async buy(lines: readonly CartLine[], token = 'tok_ok'): Promise<Answer> {
    const cart = await this.cart(lines);
    if (cart.status !== 201) return cart;
    const checkout = await this.checkout(cart.body.id);
    if (checkout.status !== 201) return checkout;
    return this.complete(checkout.body.id, { token });
  }
}

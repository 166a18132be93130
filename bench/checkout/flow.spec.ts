import { describe, expect, it } from '@jest/globals';
import { Flow, stepsOfFlow } from './flow.ts';

const plan = { host: '127.0.0.1', port: 80, variantIds: ['one'], shoppers: 1, seconds: 1 };
const cartId = '11111111-1111-4111-8111-111111111111';
const checkoutId = '22222222-2222-4222-8222-222222222222';
const answers: [number, string][] = [
  [201, cartId],
  [200, cartId],
  [201, checkoutId],
  [200, checkoutId],
  [200, checkoutId],
  [201, checkoutId],
];
const bodyOf = (id: string) => Buffer.from(`{"id":"${id}","version":1}`);

describe('a full flow', () => {
  it('goes from a cart to an order by the ids it is answered', () => {
    const flow = new Flow(plan);
    const paths = answers.map(([status, id]) => {
      const line = flow.request().toString().split(' HTTP/1.1')[0];
      flow.take(status, bodyOf(id));
      return line;
    });
    expect(paths).toEqual([
      'POST /v1/carts',
      `POST /v1/carts/${cartId}/lines`,
      'POST /v1/checkouts',
      `PATCH /v1/checkouts/${checkoutId}`,
      `PATCH /v1/checkouts/${checkoutId}`,
      `POST /v1/checkouts/${checkoutId}/complete`,
    ]);
    expect(paths.length).toBe(stepsOfFlow);
    expect(flow.isOver).toBe(true);
  });

  it('does not go on after an answer that is not the expected one', () => {
    expect(() => new Flow(plan).take(503, bodyOf(cartId))).toThrow('POST /v1/carts answered 503');
  });
});

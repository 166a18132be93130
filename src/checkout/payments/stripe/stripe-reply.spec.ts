import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import Stripe from 'stripe';
import { replyOf } from './stripe-reply.js';

const errorOf = (statusCode: number, type: string) =>
  Stripe.errors.StripeError.generate({
    type,
    statusCode,
    message: 'It did not work.',
    payment_intent: { client_secret: 'pi_1_secret_2' },
  } as never);
const reply = (error: Error) => replyOf(AbortSignal.timeout(1_000), () => Promise.reject(error));

test("after the deadline nothing is sent, and an answer that comes after it is nobody's", async () => {
  let sent = 0;
  const send = () => {
    sent += 1;
    return Promise.reject(errorOf(500, 'api_error'));
  };
  await expect(replyOf(AbortSignal.abort(new Error('too late')), send)).rejects.toThrow('too late');
  expect(sent).toBe(0);
  const deadline = new AbortController();
  const reply = replyOf(deadline.signal, async () => {
    deadline.abort(new Error('too late'));
    return send();
  });
  await expect(reply).rejects.toThrow('too late');
  expect(sent).toBe(1);
});

test.each([
  [400, 'invalid_request_error'],
  [402, 'card_error'],
  [404, 'invalid_request_error'],
])('%d (%s) is a no', async (status, type) => {
  expect(await reply(errorOf(status, type))).toMatchObject({ kind: 'refused', reason: 'It did not work.' });
});

test.each([
  [400, 'idempotency_error'],
  [401, 'authentication_error'],
  [409, 'invalid_request_error'],
  [429, 'rate_limit_error'],
  [500, 'api_error'],
])('%d (%s) is unknown, and what is thrown holds no secret', async (status, type) => {
  const error = await reply(errorOf(status, type)).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Error);
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('secret');
});

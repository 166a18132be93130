import { expect, it } from '@jest/globals';
import { fastify } from 'fastify';
import { pino } from 'pino';
import { sendProblem } from './problem.filter.js';

it('an answer whose headers cannot be sent becomes a problem with headers of its own', async () => {
  const server = fastify();
  server.get('/', (request, reply) => {
    try {
      const headers = {
        'x-request-id': 'r',
        connection: 'close',
        'content-length': '2',
        etag: '"1"',
        'cache-tag': '日本',
      };
      return reply.headers(headers).send('{}');
    } catch (error) {
      return sendProblem(error, request, reply, pino({ enabled: false }));
    }
  });
  const response = await server.inject('/');
  expect(response.statusCode).toBe(500);
  expect(response.json()).toMatchObject({ code: 'internal_error' });
  expect(response.headers).toMatchObject({ 'x-request-id': 'r', connection: 'close', 'cache-control': 'no-store' });
  expect(Number(response.headers['content-length'])).toBe(response.rawPayload.length);
  expect(response.headers).not.toHaveProperty('etag');
});

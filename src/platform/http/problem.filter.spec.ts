import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from '@jest/globals';
import { fastify } from 'fastify';
import { pino } from 'pino';
import { sendProblem } from './problem.filter.js';

it('an answer whose headers cannot be sent becomes a problem with headers of its own', async () => {
  const server = fastify();
  server.get('/', (request, reply) => {
    reply.raw.setHeader('access-control-allow-origin', 'https://shop.example');
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
  expect(response.headers['access-control-allow-origin']).toBe('https://shop.example');
  expect(response.headers).not.toHaveProperty('etag');
});

it.each(['application/json', 'text/csv'])('a client that goes away amid its %s is no failure of ours', async (type) => {
  const lines: string[] = [];
  const logged = Promise.withResolvers<void>();
  const logger = pino(
    { base: null },
    {
      write(line) {
        lines.push(line);
        logged.resolve();
      },
    },
  );
  const server = fastify();
  server.addContentTypeParser('text/csv', (_request, payload, done) => done(null, payload));
  server.setErrorHandler((error, request, reply) => sendProblem(error, request, reply, logger));
  server.post<{ Body: AsyncIterable<unknown> }>('/', async ({ body }) => {
    for await (const _chunk of body);
  });
  const url = new URL(await server.listen({ host: '127.0.0.1', port: 0 }));
  const socket = connect(Number(url.port), url.hostname);
  socket.write(`POST / HTTP/1.1\r\nhost: shop\r\ncontent-type: ${type}\r\ncontent-length: 100\r\n\r\n{`);
  await once(server.server, 'request');
  socket.destroy();
  await logged.promise;
  await server.close();
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({ level: 30, msg: 'a client went away before all of its body had come' }),
  ]);
});

it('a body that is too large is told how large it may be', async () => {
  const server = fastify({ bodyLimit: 1_000 });
  server.setErrorHandler((error, request, reply) => sendProblem(error, request, reply, pino({ enabled: false })));
  server.post('/', () => 'taken');
  server.post('/small', { bodyLimit: 100 }, () => 'taken');
  const told = async (url: string) =>
    (await server.inject({ method: 'POST', url, payload: { a: 'x'.repeat(2_000) } })).json();
  const problem = { status: 413, code: 'payload_too_large' };
  expect(await told('/')).toMatchObject({ ...problem, detail: 'The body may have at most 1000 bytes.' });
  expect(await told('/small')).toMatchObject({ ...problem, detail: 'The body may have at most 100 bytes.' });
});

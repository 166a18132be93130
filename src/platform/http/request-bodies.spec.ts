import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type FastifyInstance, fastify } from 'fastify';
import { pino } from 'pino';
import { limitBodyTimes } from './body-timeouts.js';
import { takeFilesWhereAsked } from './file-bodies.js';
import { readJson } from './json-bodies.js';
import { sendProblem } from './problem.filter.js';

const BODY_MS = 60;
const logger = pino({ level: 'silent' });
let server: FastifyInstance;
let clients: Socket[];

beforeEach(async () => {
  clients = [];
  server = await listening(BODY_MS);
});

async function listening(bodyMs: number): Promise<FastifyInstance> {
  const server = fastify();
  server.setErrorHandler((error, request, reply) => sendProblem(error, request, reply, logger));
  takeFilesWhereAsked(server, 1_000);
  readJson(server);
  limitBodyTimes(server, logger, { bodyMs, closingMs: 1 });
  server.get('/none', () => 'nothing');
  server.post('/early', { config: { takesFiles: true } }, () => 'early');
  server.post('/json', ({ body }) => ({ body }));
  server.post('/file', { config: { takesFiles: true } }, async ({ raw }) => {
    let text = '';
    for await (const chunk of raw) text += chunk;
    return { text };
  });
  await server.listen({ port: 0, host: '127.0.0.1' });
  return server;
}

afterEach(async () => {
  for (const client of clients) client.destroy();
  await server.close();
});

/** Sends the headers of a request and the beginning of its body. */
function begin(path: string, type: string, length = 5): { client: Socket; answer: Promise<string> } {
  const { port } = server.server.address() as AddressInfo;
  const client = connect({ port, host: '127.0.0.1' });
  clients.push(client);
  client.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n{`);
  let text = '';
  client.on('data', (chunk) => {
    text += chunk;
  });
  return { client, answer: once(client, 'close').then(() => text) };
}

const refused = async (payload: string | Buffer, headers: Record<string, string> = {}, url = '/json') => {
  const type = { 'content-type': 'application/json' };
  const answer = await server.inject({ method: 'POST', url, payload, headers: { ...type, ...headers } });
  return `${answer.statusCode} ${answer.json().code}: ${answer.json().detail}`;
};

test.each([
  ['/json', 'application/json'],
  ['/file', 'text/csv'],
])('a body that stops coming is answered, and its connection ends: %s', async (path, type) => {
  expect(await begin(path, type).answer).toMatch(/^HTTP\/1\.1 408 .*"request_timeout"/s);
});

test.each([
  ['a route that takes none', 'GET /none', ''],
  ['a body that is refused by its headers', 'POST /json', 'Content-Encoding: gzip\r\n'],
  ['a route that answers without it', 'POST /early', ''],
])('what was answered before its body has come does not keep its connection: %s', async (_, target, header) => {
  const { port } = server.server.address() as AddressInfo;
  const client = connect({ port, host: '127.0.0.1' });
  clients.push(client);
  client.write(
    `${target} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${header}Content-Length: 5\r\n\r\n{`,
  );
  client.resume();
  await once(client, 'close');
});

test('a file may take longer as a whole, as long as more of it comes', async () => {
  await server.close();
  // Long compared with what a busy machine makes of the pauses of the client.
  server = await listening(1_000);
  const parts = 40;
  const { client, answer } = begin('/file', 'text/csv', 1 + parts);
  const beganAtMs = performance.now();
  for (let sent = 0; sent < parts; sent++) {
    await sleep(50);
    client.write('x');
  }
  expect(performance.now() - beganAtMs).toBeGreaterThan(1_000);
  client.end();
  expect(await answer).toMatch(/^HTTP\/1\.1 200 .*\{x+"/s);
});

test('a server that closes does not wait for a body', async () => {
  await server.close();
  server = fastify();
  readJson(server);
  limitBodyTimes(server, logger, { bodyMs: 600_000, closingMs: 1 });
  server.post('/json', ({ body }) => ({ body }));
  const parsing = new Promise<void>((resolve) => server.addHook('preParsing', async () => resolve()));
  await server.listen({ port: 0, host: '127.0.0.1' });
  const { answer } = begin('/json', 'application/json');
  await parsing;
  await server.close();
  expect(await answer).toMatch(/^HTTP\/1\.1 408 /);
});

test('what is not UTF-8 is refused, as it would be stored damaged', async () => {
  expect(await refused(Buffer.from('{"name":"Jos\xe9"}', 'latin1'))).toMatch(/^400 malformed_body: .*UTF-8/);
  expect(await refused('{}', { 'content-type': 'application/json; charset="ISO-8859-1"' })).toMatch(
    /^415 unsupported_media_type: .*charset=ISO-8859-1/,
  );
  const type = { 'content-type': 'application/json;charset=UTF-8' };
  const answer = await server.inject({ method: 'POST', url: '/json', payload: '{"name":"José"}', headers: type });
  expect(answer.json()).toEqual({ body: { name: 'José' } });
});

test.each([['/json'], ['/file']])('a content encoding is refused by name: %s', async (url) => {
  const said = await refused('{}', { 'content-encoding': 'gzip' }, url);
  expect(said).toMatch(/^415 unsupported_media_type: .*Content-Encoding: gzip/);
});

test('a name that is not allowed is told; what is no JSON is told as that', async () => {
  for (const text of ['{"__proto__":{}}', '{"constructor":{"prototype":{}}}'])
    expect(await refused(text)).toMatch(/^400 malformed_body: .*not allowed/);
  expect(await refused('{"__proto__":{}')).toMatch(/^400 malformed_body: .*not valid JSON/);
});

import { connect } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { joinShop } from '../support/shop.js';
import { shop, useShop } from '../support/shop-rig.js';

useShop();

describe('health', () => {
  test('live and ready, with each dependency and the memory policy of each layer', async () => {
    expect((await shop.http.get('/health/live')).body).toEqual({ status: 'ok' });
    const ready = await shop.http.get('/health/ready');
    expect(ready.status).toBe(200);
    expect(ready.body).toMatchObject({
      status: 'ok',
      checks: {
        postgres: { status: 'up' },
        'redis-operational': { status: 'up', memoryPolicy: 'noeviction' },
        'redis-application': { status: 'up', memoryPolicy: 'allkeys-lfu' },
        'redis-session': { status: 'up', memoryPolicy: 'volatile-ttl' },
      },
    });
  });
});

test('the bare address says where to go on, and each way is there', async () => {
  const { status, body } = await shop.http.get<{ name: string; links: Record<string, string> }>('/');
  expect([status, body.name]).toEqual([200, 'tiershop']);
  const ways = Object.values(body.links);
  expect(await Promise.all(ways.map(async (path) => (await shop.http.get(path)).status))).toEqual([200, 200, 200]);
});

test('a worker answers what is asked about the process, and is no shop', async () => {
  const worker = await joinShop(shop, { ROLE: 'worker' });
  try {
    const statusOf = async (path: string) => (await worker.http.get(path)).status;
    for (const path of ['/health', '/health/ready?x', '/health/live', '/metrics'])
      expect([path, await statusOf(path)]).toEqual([path, 200]);
    for (const path of ['/v1/products', '/healthy', '/docs']) expect([path, await statusOf(path)]).toEqual([path, 404]);
    const { body } = await worker.http.post('/v1/carts', {});
    expect(body).toMatchObject({ code: 'not_found', detail: expect.stringContaining('ROLE=worker') });
  } finally {
    await worker.close();
  }
});

describe('metrics', () => {
  test('requests by route, and the pool', async () => {
    await shop.http.get('/health/live');
    const { body } = await shop.http.get<string>('/metrics');
    expect(body).toContain('http_request_duration_seconds_count{method="GET",route="/health/live",status="200"}');
    expect(body).toContain('postgres_pool_connections{use="busy"}');
    expect(body).toContain('redis_layer_up{layer="operational"} 1');
  });
});

describe('the edge', () => {
  const problem = { type: expect.stringMatching(/^urn:tiershop:error:/), requestId: expect.any(String) };

  test('a request id that is given is kept, another one is made', async () => {
    const given = await shop.http.get('/health/live', { headers: { 'x-request-id': 'abc-123' } });
    expect(given.headers.get('x-request-id')).toBe('abc-123');
    const bad = await shop.http.get('/health/live', { headers: { 'x-request-id': 'a b\u00e9' } });
    expect(bad.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test.each([
    ['GET', '/v1/nothing', 404],
    ['DELETE', '/v1/products', 405],
  ])('what no route takes has its request id too: %s %s', async (method, path, status) => {
    const answer = await shop.http.request(method, path, { headers: { 'x-request-id': 'abc-123' } });
    expect([answer.status, answer.headers.get('x-request-id')]).toEqual([status, 'abc-123']);
  });

  test('an unknown route is a problem document', async () => {
    const answer = await shop.http.get('/v1/nothing');
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(answer.body).toMatchObject({ ...problem, status: 404, code: 'not_found' });
  });

  test.each(['/%E0%A4%A', '/v1/products/%ZZ'])('a malformed URL is a problem document: %s', async (path) => {
    const answer = await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain('application/problem+json');
    expect(answer).toMatch(/^x-request-id: ./m);
  });

  test.each([
    ['no HTTP', 'NONSENSE\r\n\r\n', 400, 'malformed_request'],
    [
      'a length that is none',
      'POST /v1/carts HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n',
      400,
      'malformed_request',
    ],
    ['endless headers', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'headers_too_large'],
  ])('what never becomes a request is answered with a problem document: %s', async (_, text, status, code) => {
    const [head = '', body = ''] = (await raw(text)).split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head).toContain('content-type: application/problem+json; charset=utf-8');
    const told: { requestId: string } = JSON.parse(body);
    expect(told).toMatchObject({ ...problem, status, code });
    expect(head).toContain(`x-request-id: ${told.requestId}`);
  });
});

describe('the OpenAPI document', () => {
  test('is version 3.1 and has the documentation page beside it', async () => {
    const document = await shop.http.get<{ openapi: string; paths: object }>('/openapi.json');
    expect(document.body.openapi).toBe('3.1.0');
    expect(Object.keys(document.body.paths)).toEqual(expect.arrayContaining(['/health/ready', '/metrics']));
    expect((await shop.http.get('/docs')).status).toBe(200);
  });

  test('files every route under a heading, and lists how its guard refuses', async () => {
    interface Route {
      tags?: string[];
      security?: Record<string, unknown>[];
      responses: Record<string, { description: string }>;
    }
    const { body } = await shop.http.get<{ paths: Record<string, Record<string, Route>> }>('/openapi.json');
    const routes = Object.entries(body.paths).flatMap(([path, byMethod]) =>
      Object.entries(byMethod).map(([method, route]) => ({ name: `${method} ${path}`, ...route })),
    );
    const guardedBy = (scheme: string) => routes.filter(({ security = [] }) => security.some((one) => scheme in one));
    const silentOf = (guarded: typeof routes, status: number, code: string) =>
      guarded
        .filter(({ responses }) => !responses[status]?.description.includes(`\`${code}\``))
        .map(({ name }) => name);

    expect(routes.filter(({ tags }) => !tags?.length)).toEqual([]);
    expect(guardedBy('admin').length).toBeGreaterThan(20);
    expect(guardedBy('customer').length).toBeGreaterThan(10);
    expect(silentOf(guardedBy('admin'), 401, 'unauthorized')).toEqual([]);
    expect(silentOf(guardedBy('admin'), 403, 'forbidden')).toEqual([]);
    expect(silentOf(guardedBy('customer'), 401, 'unauthorized')).toEqual([]);
  });

  test('says what an import takes: the file itself, or a form with it', async () => {
    const { body } = await shop.http.get<{ paths: Record<string, Record<string, object>> }>('/openapi.json');
    expect(body.paths['/v1/admin/imports']?.post).toMatchObject({
      summary: expect.stringContaining('Import a product file'),
      requestBody: {
        content: {
          'text/csv': { schema: { type: 'string' } },
          'multipart/form-data': {
            schema: { type: 'object', properties: { file: { type: 'string', format: 'binary' } }, required: ['file'] },
          },
        },
      },
    });
  });
});

/** Sends what no HTTP client would and reads until the server closes. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(shop.url).port), '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('end', () => resolve(answer));
    socket.on('error', reject);
  });
}

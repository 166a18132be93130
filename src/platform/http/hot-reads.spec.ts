import { createServer, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type FastifyInstance, fastify } from 'fastify';
import { pino } from 'pino';
import { Metrics } from '../metrics.js';
import { type HotAnswer, type HotRead, HotReads } from './hot-reads.js';
import { RequestObserver } from './request-observer.js';

const hot = (body = 'hot'): HotAnswer => ({
  status: 200,
  headers: { 'content-length': String(body.length), 'x-from': 'hot' },
  body: Buffer.from(body),
});

let server: FastifyInstance;
afterEach(() => server.close());

/** A server with the hot routes `/things` and `/things/:name` and a handler that answers with the URL. */
async function serve(read: HotRead) {
  const hotReads = new HotReads();
  const metrics = new Metrics();
  const observer = new RequestObserver(
    { LOG_REQUESTS: 'errors', SLOW_REQUEST_MS: 10_000 },
    metrics,
    pino({ enabled: false }),
  );
  server = fastify({ serverFactory: (handler) => createServer(hotReads.before(handler)) });
  observer.attach(server);
  hotReads.attach(server, observer);
  hotReads.register('things', read);
  const closing = Promise.withResolvers<void>();
  let held = Promise.resolve();
  server.addHook('preClose', async () => {
    closing.resolve();
    await held;
  });
  for (const url of ['/things', '/things/:name']) {
    server.get(url, { config: { hotRead: 'things' } }, (request, reply) => reply.send(request.url));
  }
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  return {
    get: (path: string, method = 'GET') => ask(url, path, method),
    /** Holds the server open while it closes. @returns a promise of the time when it does */
    beforeClose: (until: Promise<void>) => {
      held = until;
      return closing.promise;
    },
    metrics: () => metrics.registry.metrics(),
    counted: async (route: string, status: number) => {
      const { values } = await metrics.registry.getSingleMetric('http_request_duration_seconds')!.get();
      const labels = { method: 'GET', route, status: String(status) };
      return values.find((one) => /_count$/.test(nameOf(one)) && isDeepStrictEqual(one.labels, labels))?.value;
    },
  };
}

describe('hot reads', () => {
  it('and those that Fastify answers are one row of metrics: a sample that is there twice is refused by who collects them', async () => {
    const { get, counted, metrics } = await serve((_request, name) => (name === 'hot' ? hot() : undefined));
    for (const name of ['hot', 'cold', 'hot']) await get(`/things/${name}`);
    expect(await counted('/things/:name', 200)).toBe(3);
    const samples = (await metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const names = samples.map((line) => line.slice(0, line.lastIndexOf(' ')));
    expect(names.toSorted()).toEqual([...new Set(names)].toSorted());
  });

  it('are answered before Fastify, at once or later, with a request id, and are counted as requests', async () => {
    const { get, counted } = await serve((_request, name) =>
      name === 'later' ? Promise.resolve(hot('later')) : hot(),
    );
    expect(await get('/things')).toMatchObject({ status: 200, body: 'hot' });
    expect(await get('/things?limit=1')).toMatchObject({ status: 200, body: 'hot' });
    const later = await get('/things/later');
    expect(later).toMatchObject({ status: 200, body: 'later' });
    expect(later.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(await counted('/things', 200)).toBe(2);
    expect(await counted('/things/:name', 200)).toBe(1);
  });

  it.each([
    ['nothing is known', () => undefined],
    ['nothing is known later', () => Promise.resolve(undefined)],
    ['the reader fails', () => Promise.reject(new Error('out'))],
    [
      'the reader fails at once',
      () => {
        throw new Error('out');
      },
    ],
    ['a header cannot be sent', () => ({ ...hot(), headers: { 'cache-tag': 'a\nb' } })],
  ] satisfies [string, HotRead][])('go on to the controller when %s', async (_when, read) => {
    const { get, counted } = await serve(read);
    expect(await get('/things/a')).toMatchObject({ status: 200, body: '/things/a' });
    expect(await counted('/things/:name', 200)).toBe(1);
  });

  it.each([
    ['/things/a?b', 'GET'],
    ['/things/%61', 'GET'],
    ['/things/a#b', 'GET'],
    [`/things/${'a'.repeat(256)}`, 'GET'],
    ['/things/a/b', 'GET'],
    ['/thingss/a', 'GET'],
    ['/', 'GET'],
    ['/things/a', 'HEAD'],
    ['/things/a', 'POST'],
  ])('are not tried for %s %s', async (path, method) => {
    const { get } = await serve(() => hot());
    const { headers } = await get(path, method);
    expect(headers['x-from']).toBeUndefined();
  });

  it('leave requests to Fastify once it is closing, which ends their connections', async () => {
    const { get, beforeClose } = await serve(() => hot());
    const held = Promise.withResolvers<void>();
    const isClosing = beforeClose(held.promise);
    const closed = server.close();
    await isClosing;
    expect(await get('/things/a')).toMatchObject({ status: 503 });
    held.resolve();
    await closed;
  });
});

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** fetch would change some of these paths. */
function ask(url: string, path: string, method: string): Promise<Answer> {
  const { hostname: host, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host, port, path, method }, async (response) => {
      let body = '';
      for await (const chunk of response.setEncoding('utf8')) body += chunk;
      resolve({ status: response.statusCode, headers: response.headers, body });
    });
    sent.on('error', reject).end();
  });
}

/** Series of a histogram carry names of their own, which the type does not say. */
const nameOf = (value: object): string => ('metricName' in value ? String(value.metricName) : '');

import { createServer, type IncomingHttpHeaders, type RequestListener, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { allowOrigins } from './cors.js';

const shop = 'https://shop.example';
const answer: RequestListener = (_request, response) => response.writeHead(418, { etag: '"1"' }).end('tea');

/** Asks a server for these origins. (`fetch` sends no `origin` of its own choice.) */
async function ask(origins: readonly string[], method: string, headers: Record<string, string>) {
  const server = createServer(allowOrigins(origins, answer));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return new Promise<{ status: number | undefined; headers: IncomingHttpHeaders }>((resolve, reject) => {
    request({ port, host: '127.0.0.1', method, headers, agent: false }, (response) => {
      response.resume().once('end', () => resolve({ status: response.statusCode, headers: response.headers }));
    })
      .once('error', reject)
      .end();
  }).finally(() => server.close());
}

describe('allowOrigins', () => {
  it('lets a page of a named origin read every answer, and no other page', async () => {
    const named = await ask([shop], 'GET', { origin: shop });
    expect(named).toMatchObject({
      status: 418,
      headers: { 'access-control-allow-origin': shop, vary: 'origin', etag: '"1"' },
    });
    expect(named.headers['access-control-expose-headers']).toContain('etag');
  });

  it.each([{ origin: 'https://other.example' }, { origin: `${shop}.evil.example` }, { origin: 'null' }, {}])(
    'answers others as before, and tells caches that it depends: %j',
    async (headers: Record<string, string>) => {
      const other = await ask([shop], 'GET', headers);
      expect(other).toMatchObject({ status: 418, headers: { vary: 'origin' } });
      expect(other.headers).not.toHaveProperty('access-control-allow-origin');
    },
  );

  it('answers what browsers ask before a request', async () => {
    const asked = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'idempotency-key' };
    expect(await ask([shop], 'OPTIONS', { origin: shop, ...asked })).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': shop,
        'access-control-allow-methods': expect.stringContaining('POST'),
        'access-control-allow-headers': 'idempotency-key',
      },
    });
    expect((await ask([shop], 'OPTIONS', { origin: 'https://other.example', ...asked })).status).toBe(418);
  });

  it('does nothing where no origin is named', () => {
    expect(allowOrigins([], answer)).toBe(answer);
  });
});

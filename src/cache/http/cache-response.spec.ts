import { describe, expect, it } from '@jest/globals';
import { fastify } from 'fastify';
import type { FoundAnswer } from '../cache-answer.js';
import { cachePolicy } from '../cache-policy.js';
import { CachedDocument } from '../tiers/cached-document.js';
import { cacheStatus, sendCached } from './cache-response.js';
import { ifNoneMatchHolds } from './if-none-match.js';

const kind = { name: 'product', policy: cachePolicy.product } as const;
const document = CachedDocument.of({ id: 'p' }, ['product:p'], false);
const answer: FoundAnswer<unknown> = {
  found: true,
  document,
  tier: 'memory',
  ageMs: 18_500,
  ttlMs: 41_700,
  stale: false,
};

function serve(given: FoundAnswer<unknown>) {
  const server = fastify();
  server.get('/', (request, reply) => sendCached(request, reply, given, kind));
  return server;
}

describe('sending a cached document', () => {
  it('sends the bytes with their validators and with what caches may do', async () => {
    const response = await serve(answer).inject('/');
    expect(response.statusCode).toBe(200);
    expect(response.body).toBe('{"id":"p"}');
    expect(response.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'content-length': '10',
      etag: document.etag,
      'cache-control': 'public, max-age=0, s-maxage=60, stale-while-revalidate=60, stale-if-error=3600',
      'cache-status': 'tiershop; hit; ttl=41; detail=memory',
      'cache-tag': 'product,product:p',
      age: '0',
    });
  });

  it('says when the answer is stale, how old it is, and which tier gave it', async () => {
    const response = await serve({ ...answer, stale: true, ttlMs: -2_500, tier: 'redis' }).inject('/');
    expect(response.headers).toMatchObject({ 'cache-status': 'tiershop; fwd=stale; ttl=-3; detail=redis', age: '18' });
    expect(cacheStatus({ ...answer, stale: true })).toBe('tiershop; fwd=stale; ttl=0; detail=memory');
    expect(cacheStatus({ ...answer, tier: 'origin' })).toBe('tiershop; fwd=miss; stored; detail=origin');
  });

  it('answers 304 without a body when the client has it', async () => {
    for (const condition of [document.etag, `W/${document.etag}`, `"x", W/${document.etag} ,"y"`, '*', ' * ']) {
      const response = await serve(answer).inject({ url: '/', headers: { 'if-none-match': condition } });
      expect(response.statusCode).toBe(304);
      expect(response.body).toBe('');
      expect(response.headers).toMatchObject({ etag: document.etag, 'cache-status': expect.any(String) });
      expect(response.headers['content-type']).toBeUndefined();
    }
    for (const condition of ['"other"', document.etag.slice(1, -1), '', '"*"']) {
      const response = await serve(answer).inject({ url: '/', headers: { 'if-none-match': condition } });
      expect(response.statusCode).toBe(200);
    }
  });

  it('answers HEAD like GET, without the body', async () => {
    const response = await serve(answer).inject({ url: '/', method: 'HEAD' });
    expect(response.statusCode).toBe(200);
    expect(response.body).toBe('');
    expect(response.headers).toMatchObject({ etag: document.etag, 'content-length': '10', age: '0' });
  });

  it('percent-encodes what cannot stand in a header or would end a tag', async () => {
    const tags = ['collection-handle:日本', 'collection-handle:crème 🍦', 'collection-handle:a,b'];
    const response = await serve({ ...answer, document: CachedDocument.of({}, tags, false) }).inject('/');
    expect(response.headers['cache-tag']).toBe(
      'product,collection-handle:%E6%97%A5%E6%9C%AC,collection-handle:cr%C3%A8me%20%F0%9F%8D%A6,collection-handle:a%2Cb',
    );
  });

  it('takes a header without end for no match', () => {
    expect(ifNoneMatchHolds(`${'"x",'.repeat(5_000)}"e"`, '"e"')).toBe(false);
  });
});

// Sends cached documents: the bytes as they are, validators, and what caches in front of us may do with them.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HotAnswer } from '../../platform/http/hot-reads.js';
import type { FoundAnswer } from '../cache-answer.js';
import type { CategoryPolicy } from '../cache-policy.js';
import type { Category } from '../category.js';
import { ifNoneMatchHolds } from './if-none-match.js';

/** The part of a category that decides about headers. */
export type CachedKind = Pick<Category<never>, 'name' | 'policy'>;

const JSON_TYPE = 'application/json; charset=utf-8';
const controls = new WeakMap<CategoryPolicy, string>();

/**
 * The answer for a document, with `ETag`, `Cache-Control`, `Cache-Status` (RFC 9211), `Age` and `Cache-Tag`; 304 instead of
 * its bytes when the client has it already.
 */
export function cachedAnswer(
  answer: FoundAnswer<unknown>,
  { name, policy }: CachedKind,
  condition: string | undefined,
): HotAnswer {
  const { document } = answer;
  const headers: Record<string, string> = {
    etag: document.etag,
    'cache-control': cacheControl(policy),
    'cache-status': cacheStatus(answer),
    age: age(answer),
    'cache-tag': document.cacheTagHeader(name),
  };
  if (condition !== undefined && ifNoneMatchHolds(condition, document.etag))
    return { status: 304, headers, body: undefined };
  const body = document.bytes;
  headers['content-type'] = JSON_TYPE;
  headers['content-length'] = String(body.length);
  return { status: 200, headers, body };
}

/** Sends a document. HEAD is answered by the server with the same headers and no body. */
export function sendCached(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: FoundAnswer<unknown>,
  kind: CachedKind,
): FastifyReply {
  const { status, headers, body } = cachedAnswer(answer, kind, request.headers['if-none-match']);
  return reply.code(status).headers(headers).send(body);
}

/** `Cache-Control` of a category: browsers ask again with their validator, shared caches keep it for the edge time. */
export function cacheControl(policy: CategoryPolicy): string {
  let control = controls.get(policy);
  if (control === undefined) {
    const { edge } = policy;
    control =
      edge === 'private'
        ? 'private, no-store'
        : `public, max-age=${edge.maxAgeS}, s-maxage=${edge.sMaxAgeS}, ` +
          `stale-while-revalidate=${edge.staleWhileRevalidateS}, stale-if-error=${edge.staleIfErrorS}`;
    controls.set(policy, control);
  }
  return control;
}

/**
 * `Cache-Status` (RFC 9211): a hit, or why the request went on; `detail` is the tier that answered, with the reason when the
 * answer is degraded. A stale answer is not a hit, and its `ttl` is never above 0, whatever its times say.
 */
export function cacheStatus({
  tier,
  stale,
  ttlMs,
  degraded,
}: Pick<FoundAnswer<unknown>, 'tier' | 'stale' | 'ttlMs' | 'degraded'>): string {
  if (tier === 'origin') return 'tiershop; fwd=miss; stored; detail=origin';
  const ttlS = Math.floor(ttlMs / 1_000);
  return stale
    ? `tiershop; fwd=stale; ttl=${Math.min(ttlS, 0)}; detail=${degraded ? `${tier}/${degraded}` : tier}`
    : `tiershop; hit; ttl=${ttlS}; detail=${tier}`;
}

/**
 * `Age` (RFC 9111, section 5.1) counts from the last validation at the origin. A fresh answer is as good as validated:
 * no invalidation has come since it was loaded. A stale one shows how old it really is.
 */
function age({ stale, ageMs }: FoundAnswer<unknown>): string {
  return stale ? String(Math.floor(ageMs / 1_000)) : '0';
}

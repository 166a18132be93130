// Sends cached documents: the bytes as they are, validators, and what caches in front of us may do with them.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FoundAnswer } from '../cache-answer.js';
import type { CategoryPolicy } from '../cache-policy.js';
import type { Category } from '../category.js';
import { ifNoneMatchHolds } from './if-none-match.js';

/** The part of a category that decides about headers. */
export type CachedKind = Pick<Category<never>, 'name' | 'policy'>;

const JSON_TYPE = 'application/json; charset=utf-8';
const controls = new WeakMap<CategoryPolicy, string>();

/**
 * Sends a document with `ETag`, `Cache-Control`, `Cache-Status` (RFC 9211), `Age` and `Cache-Tag`, or 304 when the
 * client has it already. HEAD is answered by the server with the same headers and no body.
 */
export function sendCached(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: FoundAnswer<unknown>,
  kind: CachedKind,
): FastifyReply {
  const { document } = answer;
  reply
    .header('etag', document.etag)
    .header('cache-control', cacheControl(kind.policy))
    .header('cache-status', cacheStatus(answer))
    .header('age', age(answer))
    .header('cache-tag', document.cacheTagHeader(kind.name));
  const condition = request.headers['if-none-match'];
  if (condition !== undefined && ifNoneMatchHolds(condition, document.etag)) return reply.code(304).send();
  return reply.header('content-type', JSON_TYPE).send(document.bytes);
}

/**
 * Answers from memory, synchronously and before Nest's pipeline.
 * @returns false without having touched the reply when memory has no such document.
 */
export function tryHotRead<T>(
  request: FastifyRequest,
  reply: FastifyReply,
  category: Category<T>,
  key: string,
): boolean {
  const answer = category.peek(key);
  if (!answer?.found) return false;
  sendCached(request, reply, answer, category);
  return true;
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
 * `Cache-Status` (RFC 9211): a hit, or why the request went on; `detail` is the tier that answered, with the reason when
 * the answer is degraded. A stale answer is no hit: it is being asked for anew, or was in vain, and its freshness is over
 * whatever its times say.
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

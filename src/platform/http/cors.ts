// Which pages of other origins may use the API from a browser (CORS protocol, Fetch standard section 3.2). Stands before hot
// reads and the framework, so that every answer has the headers, refusals too; nobody is recognised by cookies.
import type { RequestListener } from 'node:http';

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';
/** Headers of an answer that a page may read, besides those it always may. */
const EXPOSED = 'allow, cache-status, etag, retry-after, www-authenticate, x-request-id';
/** Headers that every answer keeps, refusals too. */
export const CORS_HEADERS = ['vary', 'access-control-allow-origin', 'access-control-expose-headers'] as const;
/** How long a browser need not ask again (s). */
const REMEMBERED_S = '600';

/** Tells browsers that pages of these origins may read what `next` answers. Without origins it is `next` itself. */
export function allowOrigins(origins: readonly string[], next: RequestListener): RequestListener {
  if (origins.length === 0) return next;
  const allowed = new Set(origins);
  return (request, response) => {
    // A cache in between must not give one origin the answer of another.
    response.setHeader('vary', 'origin');
    const { origin, 'access-control-request-method': wanted } = request.headers;
    if (origin === undefined || !allowed.has(origin)) return next(request, response);
    response.setHeader('access-control-allow-origin', origin);
    response.setHeader('access-control-expose-headers', EXPOSED);
    if (request.method !== 'OPTIONS' || wanted === undefined) return next(request, response);
    response.writeHead(204, {
      'access-control-allow-methods': METHODS,
      'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '',
      'access-control-max-age': REMEMBERED_S,
      'cache-control': 'no-store',
    });
    response.end();
  };
}

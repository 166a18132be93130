// A known path with another method is answered with 405 and the methods it takes (RFC 9110, section 15.5.6); the router only
// knows that it has no such route.
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { AppError } from '../errors.js';
import { sendProblem } from './problem.filter.js';

interface KnownPath {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/** The paths of all routes with the methods that each takes. */
export class KnownPaths {
  private readonly byUrl = new Map<string, KnownPath>();

  /** @param url of a route: `:name` stands for one part of the path, `*` at the end for all that follows */
  add(methods: string | readonly string[], url: string): void {
    const known = this.byUrl.get(url) ?? { pattern: patternOf(url), methods: new Set<string>() };
    for (const method of [methods].flat()) known.methods.add(method);
    this.byUrl.set(url, known);
  }

  /** @returns none when no route has the path */
  methodsOf(path: string): string[] {
    const matching = [...this.byUrl.values()].filter(({ pattern }) => pattern.test(path));
    return [...new Set(matching.flatMap(({ methods }) => [...methods]))].sort();
  }

  /** Learns the routes and answers methods that a known path does not take. Call before routes are registered. */
  attach(server: FastifyInstance, logger: Logger): void {
    server.addHook('onRoute', ({ method, url }) => this.add(method, url));
    server.addHook('onRequest', (request, reply, done) => {
      if (!request.is404) return done();
      const allow = this.methodsOf(request.url.split('?')[0] ?? '');
      if (allow.length === 0) return done();
      const detail = `${request.method} is none of the methods of this path: ${allow.join(', ')}.`;
      sendProblem(new AppError('method_not_allowed', { detail, allow }), request, reply, logger);
    });
  }
}

function patternOf(url: string): RegExp {
  const parts = url.split('/').map((part) => {
    if (part === '*') return '.*';
    return part.startsWith(':') ? '[^/]+' : part.replaceAll(/[^\w-]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('/')}$`);
}

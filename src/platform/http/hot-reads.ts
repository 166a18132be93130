// A hot read is answered from memory in an onRequest hook, before Nest's pipeline: about a third of the cost of a small
// response is that pipeline. Limits, request ids, logs and metrics are hooks as well and see it all the same. A miss
// goes on to the controller, which is the only place that documents and completes the route.
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Sends the answer and returns true, or returns false without having touched the reply. Synchronous. */
export type HotRead = (request: FastifyRequest, reply: FastifyReply) => boolean;

/** Marks a GET route whose answer may be in memory; the feature registers the reader under the same name. */
export const HotReadRoute = (name: string): MethodDecorator => RouteConfig({ hotRead: name });

/** The readers by name, and which paths they answer. */
export class HotReads {
  private readonly readers = new Map<string, HotRead>();
  /** Names of readers: by the whole path, and by the path up to a parameter that ends it. */
  private readonly byPath = new Map<string, string>();
  private readonly byPrefix = new Map<string, string>();

  register(name: string, read: HotRead): void {
    this.readers.set(name, read);
  }

  /**
   * Answers hot reads in the first hook of all: one on the route would run after those of Nest, which cost as much as
   * the read. Call before routes and other hooks are registered, but after limits.
   */
  attach(server: FastifyInstance): void {
    server.addHook('onRoute', (route) => {
      const name = hotReadName(route.config);
      if (!name || route.method !== 'GET') return;
      const parameterAt = route.url.indexOf(':');
      if (parameterAt === -1) this.byPath.set(route.url, name);
      else if (!route.url.includes('/', parameterAt)) this.byPrefix.set(route.url.slice(0, parameterAt), name);
      else throw new Error(`${route.url} cannot be a hot read: its parameter must stand last`);
    });
    server.addHook('onRequest', (request, reply, done) => {
      if (request.method !== 'GET') return done();
      const name = this.nameOf(request.url);
      const read = name === undefined ? undefined : this.readers.get(name);
      let sent = false;
      try {
        sent = read?.(request, reply) ?? false;
      } catch (error) {
        return done(error instanceof Error ? error : new Error('A hot read failed.'));
      }
      if (!sent) done();
    });
  }

  private nameOf(url: string): string | undefined {
    const queryAt = url.indexOf('?');
    const path = queryAt === -1 ? url : url.slice(0, queryAt);
    return this.byPath.get(path) ?? this.byPrefix.get(path.slice(0, path.lastIndexOf('/') + 1));
  }
}

function hotReadName(config: unknown): string | undefined {
  if (typeof config !== 'object' || config === null || !('hotRead' in config)) return undefined;
  return typeof config.hotRead === 'string' ? config.hotRead : undefined;
}

// A hot read is answered from memory in an onRequest hook, before Nest's pipeline: about a third of the cost of a small
// response is that pipeline. Limits, request ids, logs and metrics are hooks as well and see it all the same. A miss
// goes on to the controller, which is the only place that documents and completes the route.
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Sends the answer and returns true, or returns false without having touched the reply. Synchronous. */
export type HotRead = (request: FastifyRequest, reply: FastifyReply) => boolean;

/** Marks a GET route whose answer may be in memory; the feature registers the reader under the same name. */
export const HotReadRoute = (name: string): MethodDecorator => RouteConfig({ hotRead: name });

/** The readers by name. */
export class HotReads {
  private readonly readers = new Map<string, HotRead>();

  register(name: string, read: HotRead): void {
    this.readers.set(name, read);
  }

  get(name: string): HotRead | undefined {
    return this.readers.get(name);
  }

  /** Puts the hook before every route marked with `HotReadRoute`. Call before routes are registered. */
  attach(server: FastifyInstance): void {
    server.addHook('onRoute', (route) => {
      const name = hotReadName(route.config);
      if (!name || route.method !== 'GET') return;
      let read: HotRead | undefined;
      route.onRequest = (request, reply, done) => {
        read ??= this.readers.get(name);
        if (!read?.(request, reply)) done();
      };
    });
  }
}

function hotReadName(config: unknown): string | undefined {
  if (typeof config !== 'object' || config === null || !('hotRead' in config)) return undefined;
  return typeof config.hotRead === 'string' ? config.hotRead : undefined;
}

// A hot read is answered before Fastify and Nest: routing, hooks, guards and pipes cost as much as a small answer, and have
// nothing to do for a public document. Request ids, metrics and log lines are the same as behind them. Whatever a reader
// does not answer goes on to the controller, which is the only place that documents and completes the route.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { requestIdOf } from './request-id.js';
import type { Observe, RequestObserver } from './request-observer.js';

/** An answer that is complete but for its request id. */
export interface HotAnswer {
  readonly status: number;
  /** With the length of the body, if there is one. */
  readonly headers: Record<string, string>;
  readonly body: Buffer | undefined;
}

/**
 * Answers at once, later, or not at all; the controller repeats whatever fails and says why.
 * @param parameter the last part of the path when that is a parameter of the route; letters, digits, `.`, `_`, `~`, `-`
 */
export type HotRead = (
  request: IncomingMessage,
  parameter: string,
) => HotAnswer | Promise<HotAnswer | undefined> | undefined;

/** Marks a GET route with hot reads; the feature registers the reader under the same name. */
export const HotReadRoute = (name: string): MethodDecorator => RouteConfig({ hotRead: name });

interface HotRoute {
  readonly name: string;
  readonly observer: RequestObserver;
  readonly observe: Observe;
}

/** Path parts that need no decoding: everything else is left to the router. */
const PLAIN = /^[\w.~-]{1,255}$/;

/** The readers by name, and which paths they answer. */
export class HotReads {
  private readonly readers = new Map<string, HotRead>();
  /** By the whole path, and by the path up to a parameter that ends it. */
  private readonly byPath = new Map<string, HotRoute>();
  private readonly byPrefix = new Map<string, HotRoute>();
  private isClosing = false;

  register(name: string, read: HotRead): void {
    this.readers.set(name, read);
  }

  /** Stands before whatever handles the other requests. */
  before(handler: RequestListener): RequestListener {
    return (request, response) => {
      if (!this.answer(request, response, handler)) handler(request, response);
    };
  }

  /** Learns which paths are hot reads. Call before routes are registered. */
  attach(server: FastifyInstance, observer: RequestObserver): void {
    server.addHook('onRoute', ({ config, method, url }) => {
      const name = hotReadName(config);
      if (!name || method !== 'GET') return;
      const route = { name, observer, observe: observer.of(method, url) };
      const parameterAt = url.indexOf(':');
      if (parameterAt === -1) this.byPath.set(url, route);
      else if (!url.includes('/', parameterAt)) this.byPrefix.set(url.slice(0, parameterAt), route);
      else throw new Error(`${url} cannot be a hot read: its parameter must stand last`);
    });
    // At shutdown Fastify answers, since it closes the connections.
    server.addHook('preClose', (done) => {
      this.isClosing = true;
      done();
    });
  }

  /** @returns false when the request is for the handler; true when it is answered, or will be. */
  private answer(request: IncomingMessage, response: ServerResponse, handler: RequestListener): boolean {
    const { url = '' } = request;
    if (request.method !== 'GET' || this.isClosing) return false;
    const queryAt = url.indexOf('?');
    let parameter = '';
    let route = this.byPath.get(queryAt === -1 ? url : url.slice(0, queryAt));
    if (!route) {
      // A route that ends with a parameter takes no query: the controller refuses it.
      const parameterAt = url.lastIndexOf('/') + 1;
      route = queryAt === -1 ? this.byPrefix.get(url.slice(0, parameterAt)) : undefined;
      parameter = url.slice(parameterAt);
      if (!route || !PLAIN.test(parameter)) return false;
    }
    const exchange = { request, response, route, startedAtMs: performance.now() };
    try {
      const answer = this.readers.get(route.name)?.(request, parameter);
      if (answer === undefined) return false;
      if (answer instanceof Promise) void this.answerLater(answer, exchange, handler);
      else send(answer, exchange);
      return true;
    } catch {
      return response.headersSent;
    }
  }

  private async answerLater(
    later: Promise<HotAnswer | undefined>,
    exchange: Exchange,
    handler: RequestListener,
  ): Promise<void> {
    const { request, response, route, startedAtMs } = exchange;
    try {
      const answer = await later;
      if (answer) return send(answer, exchange);
    } catch {
      if (response.headersSent) return;
    }
    route.observer.waited(request, performance.now() - startedAtMs);
    handler(request, response);
  }
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly route: HotRoute;
  readonly startedAtMs: number;
}

function send({ status, headers, body }: HotAnswer, { request, response, route, startedAtMs }: Exchange): void {
  const id = requestIdOf(request);
  headers['x-request-id'] = id;
  response.writeHead(status, headers).end(body);
  route.observe({ id, method: 'GET', url: request.url ?? '' }, status, performance.now() - startedAtMs);
}

function hotReadName(config: unknown): string | undefined {
  if (typeof config !== 'object' || config === null || !('hotRead' in config)) return undefined;
  return typeof config.hotRead === 'string' ? config.hotRead : undefined;
}

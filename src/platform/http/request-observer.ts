// Counts, times and logs every request, wherever it was answered.
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, RouteOptions } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import type { Metrics } from '../metrics.js';
import { type Durations, RequestDurations } from './request-durations.js';

type LogSettings = Pick<Config, 'LOG_REQUESTS' | 'SLOW_REQUEST_MS'>;

interface ObservedRequest {
  readonly id: string;
  readonly method: string;
  readonly url: string;
}

/** Called for each answered request of a route. */
export type Observe = (request: ObservedRequest, status: number, elapsedMs: number) => void;

export class RequestObserver {
  private readonly durations;
  /** How long requests had waited before Fastify was given them (ms). */
  private readonly waits = new WeakMap<IncomingMessage, number>();

  constructor(
    private readonly config: LogSettings,
    metrics: Metrics,
    private readonly logger: Logger,
  ) {
    this.durations = new RequestDurations(metrics.registry);
  }

  /** Looking up labels costs more than observing: each route keeps its durations by status. */
  of(method: string, route: string): Observe {
    const byStatus = new Map<number, Durations>();
    return (request, status, elapsedMs) => {
      let durations = byStatus.get(status);
      if (!durations) {
        durations = this.durations.of(method, route, status);
        byStatus.set(status, durations);
      }
      durations.observe(elapsedMs / 1_000);
      if (isWorthALine(request.method, status, elapsedMs, this.config)) {
        this.logger.info(lineOf(request, status, elapsedMs), 'request');
      }
    };
  }

  /** A request goes on to Fastify, whose own time begins only now. */
  waited(request: IncomingMessage, ms: number): void {
    this.waits.set(request, ms);
  }

  /** Observes what Fastify answers. Call before routes are registered. */
  attach(server: FastifyInstance): void {
    server.addHook('onRequest', (request, reply, done) => {
      reply.header('x-request-id', request.id);
      done();
    });
    // On the route itself, where its name is known: asking a request for its route builds an object each time.
    server.addHook('onRoute', (route) => {
      const observe = this.of(String(route.method), route.url);
      route.onResponse = [
        ...hooksOf(route.onResponse),
        (request, reply, done) => {
          observe(request, reply.statusCode, reply.elapsedTime + (this.waits.get(request.raw) ?? 0));
          done();
        },
      ];
    });
    const observeUnmatched = this.of('any', 'unmatched');
    server.addHook('onResponse', (request, reply, done) => {
      if (request.is404) observeUnmatched(request, reply.statusCode, reply.elapsedTime);
      done();
    });
  }
}

function hooksOf(hooks: RouteOptions['onResponse']) {
  return hooks === undefined ? [] : [hooks].flat();
}

function lineOf({ id, method, url }: ObservedRequest, status: number, elapsedMs: number) {
  // Without the query: an order's access token may stand there.
  return { requestId: id, method, url: url.split('?')[0], status, ms: Math.round(elapsedMs) };
}

function isWorthALine(method: string, status: number, elapsedMs: number, config: LogSettings): boolean {
  if (config.LOG_REQUESTS === 'all' || status >= 500 || elapsedMs >= config.SLOW_REQUEST_MS) return true;
  if (config.LOG_REQUESTS === 'errors') return false;
  return method !== 'GET' && method !== 'HEAD';
}

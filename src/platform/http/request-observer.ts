// Counts, times and logs every request, wherever in the pipeline it was answered.
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import type { Metrics } from '../metrics.js';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

type Observe = (seconds: number) => void;
type LogSettings = Pick<Config, 'LOG_REQUESTS' | 'SLOW_REQUEST_MS'>;

/** Call before routes are registered. */
export function observeRequests(server: FastifyInstance, config: LogSettings, metrics: Metrics, logger: Logger): void {
  const help = 'Requests by route.';
  const duration = metrics.histogram('http_request_duration_seconds', help, ['method', 'route', 'status'], SECONDS);

  /** Looking up a labelled child costs more than observing it: each route keeps one for each status. */
  const observer = (method: string, route: string) => {
    const byStatus = new Map<number, Observe>();
    return (request: FastifyRequest, reply: FastifyReply): void => {
      const elapsedMs = reply.elapsedTime;
      let observe = byStatus.get(reply.statusCode);
      if (!observe) {
        const child = duration.labels(method, route, String(reply.statusCode));
        observe = (seconds) => child.observe(seconds);
        byStatus.set(reply.statusCode, observe);
      }
      observe(elapsedMs / 1_000);
      if (isWorthALine(request, reply, elapsedMs, config)) logger.info(lineOf(request, reply, elapsedMs), 'request');
    };
  };

  server.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  // On the route itself, where its name is known: asking a request for its route builds an object each time.
  server.addHook('onRoute', (route) => {
    const observeRoute = observer(String(route.method), route.url);
    route.onResponse = [
      ...hooksOf(route.onResponse),
      (request, reply, done) => {
        observeRoute(request, reply);
        done();
      },
    ];
  });
  const observeUnmatched = observer('any', 'unmatched');
  server.addHook('onResponse', (request, reply, done) => {
    if (request.is404) observeUnmatched(request, reply);
    done();
  });
}

function hooksOf(hooks: RouteOptions['onResponse']) {
  return hooks === undefined ? [] : [hooks].flat();
}

function lineOf(request: FastifyRequest, reply: FastifyReply, elapsedMs: number) {
  return {
    requestId: request.id,
    method: request.method,
    // Without the query: an order's access token may stand there.
    url: request.url.split('?')[0],
    status: reply.statusCode,
    ms: Math.round(elapsedMs),
  };
}

function isWorthALine(request: FastifyRequest, reply: FastifyReply, elapsedMs: number, config: LogSettings): boolean {
  if (config.LOG_REQUESTS === 'all' || reply.statusCode >= 500 || elapsedMs >= config.SLOW_REQUEST_MS) return true;
  if (config.LOG_REQUESTS === 'errors') return false;
  return request.method !== 'GET' && request.method !== 'HEAD';
}

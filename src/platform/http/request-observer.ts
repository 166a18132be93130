// Counts, times and logs every request, wherever in the pipeline it was answered.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import type { Metrics } from '../metrics.js';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

type Observe = (seconds: number) => void;

export function observeRequests(
  server: FastifyInstance,
  config: Pick<Config, 'LOG_REQUESTS' | 'SLOW_REQUEST_MS'>,
  metrics: Metrics,
  logger: Logger,
): void {
  const duration = metrics.histogram(
    'http_request_duration_seconds',
    'Requests by route.',
    ['method', 'route', 'status'],
    SECONDS,
  );
  // Looking up a labelled child costs more than observing it: one closure for each route and status is kept.
  const observers = new Map<string, Observe>();
  const observerOf = (request: FastifyRequest, status: number): Observe => {
    const route = request.routeOptions.url ?? 'unmatched';
    const key = `${request.method} ${status} ${route}`;
    let observe = observers.get(key);
    if (!observe) {
      const child = duration.labels(request.method, route, String(status));
      observe = (seconds) => child.observe(seconds);
      observers.set(key, observe);
    }
    return observe;
  };

  server.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    const elapsedMs = reply.elapsedTime;
    observerOf(request, reply.statusCode)(elapsedMs / 1_000);
    if (isWorthALine(request, reply, elapsedMs, config)) {
      logger.info(
        {
          requestId: request.id,
          method: request.method,
          url: request.url.split('?')[0],
          status: reply.statusCode,
          ms: Math.round(elapsedMs),
        },
        'request',
      );
    }
    done();
  });
}

function isWorthALine(
  request: FastifyRequest,
  reply: FastifyReply,
  elapsedMs: number,
  config: Pick<Config, 'LOG_REQUESTS' | 'SLOW_REQUEST_MS'>,
): boolean {
  if (config.LOG_REQUESTS === 'all' || reply.statusCode >= 500 || elapsedMs >= config.SLOW_REQUEST_MS) return true;
  if (config.LOG_REQUESTS === 'errors') return false;
  return request.method !== 'GET' && request.method !== 'HEAD';
}

import http from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type FastifyInstance, fastify } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import type { Metrics } from '../metrics.js';
import { limitBodyTimes } from './body-timeouts.js';
import { answerClientError } from './client-error.js';
import { allowOrigins } from './cors.js';
import { takeFilesWhereAsked } from './file-bodies.js';
import type { HotReads } from './hot-reads.js';
import { readJson } from './json-bodies.js';
import { KnownPaths } from './known-paths.js';
import { sendProblem } from './problem.filter.js';
import { requestIdOf } from './request-id.js';
import { RequestObserver } from './request-observer.js';
import { answerOnlyAboutTheProcess } from './worker-paths.js';

const KEEP_ALIVE_MS = 72_000;
/** For headers and body together. A large file over a slow line may need it; what stalls is ended long before. */
const REQUEST_MS = 3_600_000;

/** The HTTP server under the Nest application: limits, request ids, body types, observation, hot reads, origins. */
export function createServer(config: Config, metrics: Metrics, logger: Logger, hotReads: HotReads): FastifyAdapter {
  const isWorker = config.ROLE === 'worker';
  const server = fastify({
    bodyLimit: config.BODY_LIMIT_BYTES,
    trustProxy: config.TRUST_PROXY,
    genReqId: requestIdOf,
    serverFactory: (handler) => {
      const server = http.createServer(
        allowOrigins(config.CORS_ORIGINS, isWorker ? handler : hotReads.before(handler)),
      );
      server.keepAliveTimeout = KEEP_ALIVE_MS;
      server.requestTimeout = REQUEST_MS;
      return server;
    },
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 300 },
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => sendProblem(error, request, reply, logger),
  });
  server.removeContentTypeParser('text/plain');
  takeFilesWhereAsked(server, config.IMPORT_LIMIT_BYTES);
  readJson(server);
  limitBodyTimes(server, logger);
  closeConnectionsWhenIdle(server);
  new KnownPaths().attach(server, logger);
  if (isWorker) answerOnlyAboutTheProcess(server);
  const observer = new RequestObserver(config, metrics, logger);
  observer.attach(server);
  hotReads.attach(server, observer);
  return new FastifyAdapter(server);
}

const CLOSING_POLL_MS = 50;

/** At shutdown, closes a busy connection once its answer is sent: kept alive, it would delay the end. */
function closeConnectionsWhenIdle(server: FastifyInstance): void {
  server.addHook('preClose', (done) => {
    if (!server.server.listening) return done();
    const timer = setInterval(() => server.server.closeIdleConnections(), CLOSING_POLL_MS);
    server.server.once('close', () => clearInterval(timer));
    done();
  });
}

import http from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type FastifyInstance, fastify } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import type { Metrics } from '../metrics.js';
import { answerClientError } from './client-error.js';
import { allowOrigins } from './cors.js';
import { takeFilesWhereAsked, takesFiles } from './file-bodies.js';
import type { HotReads } from './hot-reads.js';
import { KnownPaths } from './known-paths.js';
import { sendProblem } from './problem.filter.js';
import { requestIdOf } from './request-id.js';
import { RequestObserver } from './request-observer.js';

const KEEP_ALIVE_MS = 72_000;
const REQUEST_MS = 300_000;

/** The HTTP server under the Nest application: limits, request ids, body types, observation, hot reads, origins. */
export function createServer(config: Config, metrics: Metrics, logger: Logger, hotReads: HotReads): FastifyAdapter {
  const server = fastify({
    bodyLimit: config.BODY_LIMIT_BYTES,
    trustProxy: config.TRUST_PROXY,
    genReqId: requestIdOf,
    serverFactory: (handler) => {
      const server = http.createServer(allowOrigins(config.CORS_ORIGINS, hotReads.before(handler)));
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
  keepBytesWhereAsked(server);
  closeConnectionsWhenIdle(server);
  new KnownPaths().attach(server, logger);
  const observer = new RequestObserver(config, metrics, logger);
  observer.attach(server);
  hotReads.attach(server, observer);
  return new FastifyAdapter(server);
}

/** A route with `rawBody` in its config gets its JSON as the bytes that came: what is signed must not be parsed first. */
function keepBytesWhereAsked(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    const { config } = request.routeOptions;
    if ('rawBody' in config && config.rawBody === true) done(null, body);
    // A file that was sent as JSON would be told to be broken JSON: its route says better what it takes.
    else if (takesFiles(config)) done(null, undefined);
    else void parse(request, body.toString(), done);
  });
}

const CLOSING_POLL_MS = 50;

/** At the end, a connection that was busy is closed once its answer is sent; otherwise it is kept alive, and the end waits. */
function closeConnectionsWhenIdle(server: FastifyInstance): void {
  server.addHook('preClose', (done) => {
    if (!server.server.listening) return done();
    const timer = setInterval(() => server.server.closeIdleConnections(), CLOSING_POLL_MS);
    server.server.once('close', () => clearInterval(timer));
    done();
  });
}

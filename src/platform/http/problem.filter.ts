import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { AppError } from '../errors.js';
import { CORS_HEADERS } from './cors.js';
import { noFile, takesFiles } from './file-bodies.js';
import { statusOf, toProblem } from './problem.js';

/** The last stop of every error behind a controller. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    sendProblem(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>(), this.logger);
  }
}

/** Headers of the request and its connection, not of one answer. */
const KEPT_HEADERS: ReadonlySet<string> = new Set(['x-request-id', 'connection', ...CORS_HEADERS]);

/** Answers with the problem document of `error` and logs it when it is a failure of ours. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply, logger: Logger): void {
  const isAborted = request.raw.errored !== null && error === request.raw.errored;
  if (isAborted) logger.info({ requestId: request.id }, 'a client went away before all of its body had come');
  const problem = toProblem(isAborted ? new AppError('malformed_body') : withLimit(error, request), request.id);
  if (problem.failure !== undefined) logger.error({ err: problem.failure, requestId: request.id }, 'a request failed');
  if (reply.sent) return;
  // Headers of the failed answer are of no use for this one, and may be why it failed.
  for (const name of Object.keys(reply.getHeaders())) if (!KEPT_HEADERS.has(name)) reply.removeHeader(name);
  // Requests refused before the hooks run have none yet.
  if (!reply.hasHeader('x-request-id')) reply.header('x-request-id', request.id);
  void reply.code(problem.status).headers(problem.headers).send(JSON.stringify(problem.body));
}

/** Adds the limit, which only the route knows, to the error of too large a body; a file is one only when sent as JSON. */
function withLimit(error: unknown, { routeOptions }: FastifyRequest): unknown {
  if (error instanceof AppError || statusOf(error) !== 413) return error;
  if (takesFiles(routeOptions.config)) return noFile();
  const detail = `The body may have at most ${routeOptions.bodyLimit} bytes.`;
  return new AppError('payload_too_large', { detail, cause: error });
}

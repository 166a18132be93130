// A body that stops arriving would hold its connection as long as the client likes, and delay the end of the process.
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { AppError } from '../errors.js';
import { takesFiles } from './file-bodies.js';
import { sendProblem } from './problem.filter.js';

interface Limits {
  /** For a whole JSON body after its headers; for the next bytes of a file, which as a whole may take longer. */
  readonly bodyMs: number;
  /** How long a JSON body under way may still take once the server closes. */
  readonly closingMs: number;
}

/**
 * Answers a request whose body does not arrive with `request_timeout`, and ends its connection; also ends that of a request
 * that was answered before its body arrived.
 */
export function limitBodyTimes(
  server: FastifyInstance,
  logger: Logger,
  { bodyMs, closingMs }: Limits = { bodyMs: 30_000, closingMs: 1_000 },
): void {
  /** Functions that end each JSON request, and each answered one, whose body has not come yet. */
  const awaited = new Set<() => void>();
  let isClosing = false;

  server.addHook('preParsing', (request, reply, payload, done) => {
    // As a rule the body has come with the headers, and there is nothing to wait for.
    if (hasBody(request)) {
      setImmediate(() => {
        if (!request.raw.complete && !request.raw.destroyed) watch(request, reply);
      });
    }
    done(null, payload);
  });
  // On the server itself: answers from memory and early refusals do not pass the hooks.
  server.server.on('request', (request, response) => {
    if (hasBody(request)) response.once('finish', () => letGo(request));
  });
  server.addHook('preClose', (done) => {
    isClosing = true;
    setTimeout(() => awaited.forEach((end) => void end()), closingMs).unref();
    done();
  });

  function letGo(request: IncomingMessage): void {
    if (request.complete || request.destroyed) return;
    const end = () => request.socket.destroySoon();
    const timer = setTimeout(end, isClosing ? closingMs : bodyMs).unref();
    awaited.add(end);
    request.socket.once('close', () => forget(timer, end));
    request.once('end', () => forget(timer, end));
  }

  function forget(timer: NodeJS.Timeout, end: () => void): void {
    clearTimeout(timer);
    awaited.delete(end);
  }

  function watch(request: FastifyRequest, reply: FastifyReply): void {
    const { raw } = request;
    const isFile = takesFiles(request.routeOptions.config);
    const end = () => sendTimeout(request, reply, logger);
    let receivedBytes = raw.socket.bytesRead;
    const check = () => {
      if (raw.destroyed) return;
      const isComing = raw.socket.bytesRead > receivedBytes;
      receivedBytes = raw.socket.bytesRead;
      // While received bytes are unread, it is not the client that is slow.
      if (!isFile || !(isComing || raw.readableLength > 0)) end();
    };
    // A process that stood still first reads what has arrived meanwhile.
    const timer = setInterval(() => setImmediate(check), bodyMs).unref();
    if (!isFile) awaited.add(end);
    raw.once('close', () => forget(timer, end));
  }
}

export function hasBody({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  const length = headers['content-length'];
  return (length !== undefined && length !== '0') || headers['transfer-encoding'] !== undefined;
}

function sendTimeout(request: FastifyRequest, reply: FastifyReply, logger: Logger): void {
  if (request.raw.complete || reply.sent) return;
  reply.header('connection', 'close');
  const detail = 'The body did not arrive in time. Send the request again, all of it at once.';
  sendProblem(new AppError('request_timeout', { detail }), request, reply, logger);
}

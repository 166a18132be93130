// What a body must be before it is read, and how JSON is read: what would be stored damaged is refused instead.
import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../errors.js';
import { hasBody } from './body-timeouts.js';
import { takesFiles } from './file-bodies.js';

/** Reads JSON in UTF-8. A route with `rawBody` in its config gets the bytes: what is signed must not be parsed first. */
export function readJson(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.addHook('preParsing', (request, _reply, payload, done) => done(encodingProblem(request), payload));
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    const { config } = request.routeOptions;
    if ('rawBody' in config && config.rawBody === true) return done(null, body);
    // A file sent as JSON would be refused as broken JSON: its route says better what it takes.
    if (takesFiles(config)) return done(null, undefined);
    if (!isUtf8(body)) return done(notUtf8());
    const text = body.toString();
    void parse(request, text, (error, value) => done(error && isJson(text) ? forbiddenName() : error, value));
  });
}

/** A `Content-Encoding` or a charset that nothing here reads (RFC 9110 section 15.5.16). */
function encodingProblem(request: FastifyRequest): AppError | null {
  if (!hasBody(request)) return null;
  const { 'content-encoding': coding, 'content-type': type = '' } = request.headers;
  if (coding && coding.toLowerCase() !== 'identity') {
    const detail = `A body with Content-Encoding: ${coding} cannot be read. Send it as it is, without that header.`;
    return new AppError('unsupported_media_type', { detail });
  }
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(type)?.[1];
  if (charset === undefined || /^utf-?8$/i.test(charset)) return null;
  const detail = `The Content-Type says charset=${charset}, and only utf-8 is read. Send the text in UTF-8.`;
  return new AppError('unsupported_media_type', { detail });
}

function notUtf8(): AppError {
  return new AppError('malformed_body', { detail: 'The body is not text in UTF-8, as JSON has to be.' });
}

/** Whether a refused text is JSON all the same: then it has property names that reach JavaScript prototypes. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function forbiddenName(): AppError {
  const detail = 'The body names a property "__proto__", or "prototype" in "constructor", which is not allowed.';
  return new AppError('malformed_body', { detail });
}

// Which routes take a file, and how a body of another type is refused.
import type { FastifyInstance, RouteOptions } from 'fastify';
import { AppError } from '../errors.js';

/**
 * A route with `takesFiles` in its config gets CSV, as it comes or inside a form, as a stream. Otherwise bodies are JSON, and
 * anything else is answered with 415.
 */
export function takeFilesWhereAsked(server: FastifyInstance, bodyLimit: number): void {
  for (const type of ['text/csv', 'multipart/form-data']) {
    server.addContentTypeParser(type, { bodyLimit }, ({ routeOptions }, payload, done) => {
      if (takesFiles(routeOptions.config)) done(null, payload);
      else done(noJson(), undefined);
    });
  }
  server.addContentTypeParser('*', ({ routeOptions }, _payload, done) =>
    done(takesFiles(routeOptions.config) ? noFile() : noJson(), undefined),
  );
}

export function takesFiles(config: RouteOptions['config']): boolean {
  return config !== undefined && 'takesFiles' in config && config.takesFiles === true;
}

/** An `unsupported_media_type` error: a file was expected. */
export function noFile(): AppError {
  const detail = 'Send the file as text/csv or as a form (multipart/form-data) with a field "file".';
  return new AppError('unsupported_media_type', { detail });
}

function noJson(): AppError {
  return new AppError('unsupported_media_type', { detail: 'Send JSON, as application/json.' });
}

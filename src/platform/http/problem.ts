// Problem documents (RFC 9457): what every failed request answers.
import { z } from 'zod';
import { isDatabaseDown } from '../database/database.js';
import { AppError, type ErrorCode, errorRegistry } from '../errors.js';
import { isRedisDown } from '../redis/redis-down.js';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** The shape of every error answer. */
export const problemDocument = z
  .looseObject({
    type: z.string().meta({ example: 'urn:tiershop:error:validation_failed' }),
    title: z.string(),
    status: z.int(),
    code: z.enum(Object.keys(errorRegistry) as [ErrorCode, ...ErrorCode[]]),
    detail: z.string(),
    errors: z.array(z.object({ field: z.string(), code: z.string(), text: z.string() })).optional(),
    requestId: z.string(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem document.' });

export interface Problem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** What to log: a failure of ours, not a mistake of the client. */
  readonly failure?: unknown;
}

/** Turns whatever was thrown into a problem document; an unknown error becomes a 500 that reveals nothing internal. */
export function toProblem(error: unknown, requestId: string): Problem {
  const known = asAppError(error);
  const { title, status } = errorRegistry[known.code];
  const { errors, extra, retryAfterS, allow } = known.options;
  return {
    status,
    headers: {
      'content-type': PROBLEM_TYPE,
      'cache-control': 'no-store',
      ...(retryAfterS !== undefined && { 'retry-after': String(retryAfterS) }),
      ...(allow && { allow: allow.join(', ') }),
      ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    },
    body: {
      type: `urn:tiershop:error:${known.code}`,
      title,
      status,
      code: known.code,
      detail: known.message,
      ...(errors && { errors }),
      ...extra,
      requestId,
    },
    ...(status >= 500 && { failure: error }),
  };
}

function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (isDatabaseDown(error) || isRedisDown(error)) {
    return new AppError('unavailable', {
      detail: 'A store behind the shop cannot be reached. Try again shortly.',
      retryAfterS: 1,
    });
  }
  if (error instanceof Error && 'code' in error && error.code === 'FST_ERR_BAD_URL') {
    return new AppError('malformed_request', {
      detail: 'The path holds a % that begins no valid escape. Encode it as UTF-8.',
    });
  }
  if (error instanceof Error && 'code' in error && error.code === 'FST_ERR_MAX_PARAM_LENGTH') {
    return new AppError('malformed_request', { detail: 'A part of the path is longer than anything that has a name.' });
  }
  const status = statusOf(error);
  const detail = error instanceof Error && status < 500 ? error.message : 'It has been logged under this request id.';
  return new AppError(codeOfStatus[status] ?? (status < 500 ? 'malformed_body' : 'internal_error'), { detail });
}

/** The status that errors of Fastify and Nest carry; 500 for others. */
export function statusOf(error: unknown): number {
  if (!(error instanceof Error)) return 500;
  // Not by its class: an application that imports the shop throws the HttpException of its own copy of Nest.
  if ('getStatus' in error && typeof error.getStatus === 'function') return Number(error.getStatus());
  if ('statusCode' in error && typeof error.statusCode === 'number') return error.statusCode;
  return 500;
}

const codeOfStatus: Record<number, ErrorCode> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  408: 'request_timeout',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  429: 'too_many_requests',
  503: 'unavailable',
};

import type { LoggerService } from '@nestjs/common';
import { destination, type Logger, pino } from 'pino';
import type { Config } from './config.js';

/** Nest injection token of the pino `Logger`. */
export const LOGGER = Symbol('LOGGER');

/**
 * Structured logs, on standard output unless told otherwise. Members named like secrets are cut out, also one level down.
 */
export function createLogger(config: Pick<Config, 'LOG_LEVEL'>, fd: 1 | 2 = 1): Logger {
  return pino(
    {
      level: config.LOG_LEVEL,
      base: null,
      redact: {
        paths: [
          ...['authorization', 'cookie', 'idempotency-key', 'x-order-token'].map((name) => `req.headers["${name}"]`),
          ...['password', 'token', 'accessToken', 'refreshToken', 'secret', 'apiKey'].flatMap((name) => [
            name,
            `*.${name}`,
          ]),
        ],
        censor: '[secret]',
      },
      serializers: { err: serializeError },
    },
    destination({ fd, sync: false }),
  );
}

/** An error with its causes, without the query parameters that drizzle puts into its messages. */
function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  return {
    type: error.name,
    message: error.message.split('\nparams:')[0],
    ...('code' in error && { code: error.code }),
    stack: error.stack?.split('\nparams:')[0]?.split('\n').slice(0, 12).join('\n'),
    ...(error.cause !== undefined && { cause: serializeError(error.cause) }),
  };
}

/** Waits for work whose failure does no harm: it is logged, as `failure`, for it may also be a fault of the program. */
export async function orWarn(
  logger: Logger,
  work: Promise<unknown>,
  failure: string,
  about: object = {},
): Promise<void> {
  try {
    await work;
  } catch (error) {
    logger.warn({ err: error, ...about }, failure);
  }
}

/** Lets Nest write through pino. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...context: unknown[]): void {
    this.logger.debug({ context: context.at(-1) }, String(message));
  }

  warn(message: unknown, ...context: unknown[]): void {
    this.logger.warn({ context: context.at(-1) }, String(message));
  }

  error(message: unknown, ...context: unknown[]): void {
    if (message instanceof Error) this.logger.error({ err: message }, message.message);
    else this.logger.error({ context }, String(message));
  }
}

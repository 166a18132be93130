import { randomBytes } from 'node:crypto';

export interface Reply {
  readonly status: number;
  readonly body: unknown;
  /** Whether the endpoint began to work: only then is the result kept under its idempotency key. */
  readonly began: boolean;
}

export const ok = (body: object): Reply => ({ status: 200, body: structuredClone(body), began: true });

export function refusal(status: number, type: string, code: string, message: string): Reply {
  return { status, body: { error: { type, message, ...(code && { code }) } }, began: false };
}

/** The answer of a server that is broken or too busy. */
export function brokenDown(status: number): Reply {
  const type = status === 429 ? 'rate_limit_error' : status === 409 ? 'invalid_request_error' : 'api_error';
  const code = status === 429 || status === 409 ? { code: 'lock_timeout' } : {};
  return { status, body: { error: { type, message: 'An unknown error occurred.', ...code } }, began: status >= 500 };
}

export function newId(prefix: string): string {
  return `${prefix}_${randomBytes(12).toString('hex')}`;
}

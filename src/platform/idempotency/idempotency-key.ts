import { AppError, invalidField } from '../errors.js';

/** The key of a request that must not be carried out twice. @throws AppError when it is missing or not usable */
export function requireIdempotencyKey(header: string | string[] | undefined): string {
  const key = parseIdempotencyKey(header);
  if (key !== undefined) return key;
  throw new AppError('idempotency_key_required', {
    detail: 'Send a header Idempotency-Key with a value of your own, and the same value when you repeat the request.',
    errors: [{ field: 'Idempotency-Key', code: 'required', text: 'is required' }],
  });
}

/** @returns undefined when there is none. @throws AppError `validation_failed` */
export function parseIdempotencyKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header === 'string' && /^[\x21-\x7e]{1,200}$/.test(header)) return header;
  throw invalidField('Idempotency-Key', 'invalid', 'must be 1 to 200 visible ASCII characters');
}

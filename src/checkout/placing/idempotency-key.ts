import { AppError, invalidField } from '../../platform/errors.js';

/** The key of a request that must not be carried out twice. @throws AppError when it is missing or not usable */
export function requireIdempotencyKey(key: string | undefined): string {
  if (key === undefined || key === '') {
    throw new AppError('idempotency_key_required', {
      detail: 'Send a header Idempotency-Key with a value of your own, and the same value when you repeat the request.',
      errors: [{ field: 'Idempotency-Key', code: 'required', text: 'is required' }],
    });
  }
  if (!/^[\x21-\x7e]{1,200}$/.test(key)) {
    throw invalidField('Idempotency-Key', 'invalid', 'must be 1 to 200 visible ASCII characters');
  }
  return key;
}

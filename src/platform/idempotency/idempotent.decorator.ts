import { applyDecorators, UseInterceptors } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';

const description =
  'Chosen by the client, best a UUID: a guest is told from others by it. A request that is repeated with the same key is carried out once and gets the same answer.';

/** Documents a header `Idempotency-Key` that the route reads itself. */
export const IdempotencyKeyHeader = (required: boolean): MethodDecorator =>
  ApiHeader({ name: 'Idempotency-Key', required, description });

/**
 * Carries out requests with the same `Idempotency-Key` once, for routes that create something. List the errors
 * `idempotency_key_reused` and `request_in_progress` in the route's `@Endpoint`, and say by `@GuestsOwn` what guests own;
 * where they own nothing yet their key has to be a long one.
 */
export const Idempotent = (): MethodDecorator =>
  applyDecorators(IdempotencyKeyHeader(false), UseInterceptors(IdempotencyInterceptor));

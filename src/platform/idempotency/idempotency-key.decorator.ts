import { ApiHeader } from '@nestjs/swagger';

const description =
  'Chosen by the client, best a UUID: a guest is told from others by it. A request that is repeated with the same key is carried out once and gets the same answer.';

/** Documents the header `Idempotency-Key`; the route reads it itself, or hands the request to `OncePerKey`. */
export const IdempotencyKeyHeader = (required: boolean): MethodDecorator =>
  ApiHeader({ name: 'Idempotency-Key', required, description });

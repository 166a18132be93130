import { ApiHeader } from '@nestjs/swagger';

/** Documents the optional `If-Match` header of a change. */
export const IfMatch = (): MethodDecorator =>
  ApiHeader({
    name: 'If-Match',
    required: false,
    description: 'The ETag of the cart as it was read: the change is refused (412) when the cart has changed since.',
  });

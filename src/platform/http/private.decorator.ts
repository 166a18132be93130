import { Header } from '@nestjs/common';

/** What belongs to one person: no cache keeps it. */
export const Private = (): MethodDecorator => Header('cache-control', 'private, no-store');

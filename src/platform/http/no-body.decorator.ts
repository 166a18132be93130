import { Body } from '@nestjs/common';
import { z } from 'zod';

const nothing = z.strictObject({}).prefault({});

/** The route takes no body; an empty object counts as none. Anything in it is refused like an unknown field elsewhere. */
export const NoBody =
  (): MethodDecorator =>
  <T>(controller: object, name: string | symbol, { value }: TypedPropertyDescriptor<T>): void => {
    // One argument more than the handler has, declared only to be checked.
    if (typeof value === 'function') Body({ schema: nothing })(controller, name, value.length);
  };

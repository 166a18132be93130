import { Body } from '@nestjs/common';
import { z } from 'zod';

const nothing = z.strictObject({}).prefault({});

/** The route takes no body; an empty object is none. Anything in it is refused like an unknown field elsewhere. */
export const NoBody =
  (): MethodDecorator =>
  <T>(controller: object, name: string | symbol, { value }: TypedPropertyDescriptor<T>): void => {
    // One more argument than the handler looks at: it is there to be checked.
    if (typeof value === 'function') Body({ schema: nothing })(controller, name, value.length);
  };

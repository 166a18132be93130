import { Reflector } from '@nestjs/core';

/** The field of the body by which guests are told apart: the id of something that only one of them knows. */
export const GuestsOwn = Reflector.createDecorator<string>();

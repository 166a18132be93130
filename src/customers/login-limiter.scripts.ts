import { z } from 'zod';
import { defineLua } from '../platform/redis/lua-script.js';

/** Counts an attempt, or says how many milliseconds no more are accepted. */
export const loginAttempt = defineLua({
  name: 'login-attempt',
  keys: ['failures'],
  args: ['limit', 'windowMs'],
  returns: ['OK', 'LIMITED'],
  reply: z
    .union([z.tuple([z.literal('OK'), z.number()]), z.tuple([z.literal('LIMITED'), z.number()])])
    .transform(([code, value]) => ({ code, value })),
});

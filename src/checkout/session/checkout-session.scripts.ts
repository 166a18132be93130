import { z } from 'zod';
import { defineLua } from '../../platform/redis/lua-script.js';

/** `lua/transition-state.lua` */
export const transitionState = defineLua({
  name: 'transition-state',
  keys: ['session'],
  args: ['version', 'state', 'document', 'source', 'ttlMs'],
  returns: ['OK', 'OLDER'],
  reply: z.tuple([z.enum(['OK', 'OLDER'])]),
});

import { z } from 'zod';
import { defineLua } from '../../platform/redis/lua-script.js';

/** `lua/transition-state.lua` */
export const transitionState = defineLua({
  name: 'transition-state',
  keys: ['session...'],
  args: ['source', 'ttlMs', 'version...', 'state...', 'document...'],
  returns: ['OK', 'OLDER'],
  reply: z.array(z.enum(['OK', 'OLDER'])),
});

import { z } from 'zod';
import { defineLua } from '../../platform/redis/lua-script.js';

/** `lua/transition-state.lua` */
export const transitionState = defineLua({
  name: 'transition-state',
  keys: ['session'],
  args: ['version', 'state', 'newVersion', 'newState', 'document', 'ttlMs'],
  returns: ['OK', 'CONFLICT', 'MISSING'],
  reply: z.union([
    z.tuple([z.literal('OK')]).transform(() => ({ kind: 'ok' as const })),
    z
      .tuple([z.literal('CONFLICT'), z.string(), z.string(), z.string()])
      .transform(([, , , document]) => ({ kind: 'conflict' as const, document })),
    z.tuple([z.literal('MISSING')]).transform(() => ({ kind: 'missing' as const })),
  ]),
});

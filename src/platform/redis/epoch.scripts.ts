// lua/epoch.lua, for every store that keeps an epoch in Redis.
import { z } from 'zod';
import { defineLua } from './lua-script.js';

export interface EpochInRedis {
  /** The epoch in force, 0 for none. */
  readonly epoch: number;
  /** This server is the one that it was set on: nothing was lost since. */
  readonly sameServer: boolean;
}

export const epochScript = defineLua({
  name: 'epoch',
  keys: ['epoch'],
  args: ['epoch'],
  returns: ['OK'],
  reply: z
    .tuple([z.literal('OK'), z.coerce.number().int(), z.string(), z.string()])
    .transform(([, epoch, setBy, server]): EpochInRedis => ({ epoch, sameServer: setBy === server })),
});

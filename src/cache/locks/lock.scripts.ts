import { z } from 'zod';
import { keyspace } from '../../platform/keyspace.js';
import { runLua } from '../../platform/redis/lua-runner.js';
import { defineLua } from '../../platform/redis/lua-script.js';
import type { RedisClient } from '../../platform/redis/redis-layers.js';

const fenceScript = defineLua({
  name: 'lock-fence',
  keys: ['lock', 'fence'],
  args: ['value'],
  returns: ['OK', 'LOST'],
  reply: z
    .tuple([z.enum(['OK', 'LOST']), z.coerce.number()])
    .transform(([state, token]) => (state === 'OK' ? token : undefined)),
});

/** @returns the fencing token of a lock that is held under `value`; undefined when it is not held any more. */
export function drawFence(client: RedisClient, name: string, value: string): Promise<number | undefined> {
  const keys = [keyspace.operational.lock(name), keyspace.operational.lockFence(name)];
  return runLua(client, fenceScript, keys, [value]);
}

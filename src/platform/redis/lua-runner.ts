import { createHash } from 'node:crypto';
import type { LuaScript } from './lua-script.js';
import type { RedisClient } from './redis-layers.js';

const shaOf = new WeakMap<LuaScript<unknown>, string>();

/**
 * Runs a script by its hash and sends its text only when the server does not know it (a restart forgets scripts).
 * A NOSCRIPT reply means that nothing was run, so the second send cannot run it twice.
 */
export async function runLua<R>(
  client: RedisClient,
  script: LuaScript<R>,
  keys: readonly string[],
  args: readonly (string | number | Buffer)[],
): Promise<R> {
  let sha = shaOf.get(script);
  if (!sha) {
    sha = createHash('sha1').update(script.source).digest('hex');
    shaOf.set(script, sha);
  }
  let reply: unknown;
  try {
    reply = await send(client, 'evalsha', script.isBinary, [sha, keys.length, ...keys, ...args]);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    reply = await send(client, 'eval', script.isBinary, [script.source, keys.length, ...keys, ...args]);
  }
  return script.reply.parse(reply);
}

function send(
  client: RedisClient,
  command: 'eval' | 'evalsha',
  isBinary: true | undefined,
  args: readonly [script: string, keyCount: number, ...(string | number | Buffer)[]],
): Promise<unknown> {
  return isBinary ? client.callBuffer(command, ...args) : client[command](...args);
}

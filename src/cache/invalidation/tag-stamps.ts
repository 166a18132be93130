import { keyspace } from '../../platform/keyspace.js';
import type { RedisClient } from '../../platform/redis/redis-layers.js';
import { EVERYTHING, type TagSpace } from './tag-space.js';

const PAGE = 2_000;

/** Takes over all stamps as redis has them. Pages by score: a stamp that moves meanwhile moves to the end, where it is still met. */
export async function loadTagStamps(client: RedisClient, space: TagSpace): Promise<void> {
  const key = keyspace.application.tagStamps();
  for (let from = '-inf'; ; ) {
    const reply = await client.zrange(key, from, '+inf', 'BYSCORE', 'LIMIT', 0, PAGE, 'WITHSCORES');
    for (let i = 0; i < reply.length; i += 2) {
      const stamp = Number(reply[i + 1]);
      if (Number.isFinite(stamp)) space.apply([reply[i] ?? EVERYTHING], stamp);
    }
    const last = reply.at(-1);
    if (reply.length < 2 * PAGE || last === undefined || last === from) return;
    from = last;
  }
}

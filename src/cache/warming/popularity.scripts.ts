import { z } from 'zod';
import { keyspace } from '../../platform/keyspace.js';
import { runLua } from '../../platform/redis/lua-runner.js';
import { defineLua } from '../../platform/redis/lua-script.js';
import type { RedisClient } from '../../platform/redis/redis-layers.js';

const popularityScript = defineLua({
  name: 'cache-popularity',
  keys: ['popularity'],
  args: ['halfLifeMs', 'maxKeys', 'lifeMs', 'key', 'weight', '...'],
  returns: ['OK'],
  reply: z.tuple([z.literal('OK'), z.number()]).transform(([, kept]) => kept),
});

export interface PopularityLimits {
  readonly halfLifeMs: number;
  readonly maxKeys: number;
  readonly lifeMs: number;
}

/** Adds accesses to the most wanted keys of a category. @returns how many keys are kept. */
export function addAccesses(
  client: RedisClient,
  category: string,
  accesses: readonly { readonly key: string; readonly count: number }[],
  { halfLifeMs, maxKeys, lifeMs }: PopularityLimits,
): Promise<number> {
  const pairs = accesses.flatMap(({ key, count }) => [key, count]);
  return runLua(
    client,
    popularityScript,
    [keyspace.application.popularity(category)],
    [halfLifeMs, maxKeys, lifeMs, ...pairs],
  );
}

/** The most wanted keys, the most wanted first. */
export async function mostWanted(client: RedisClient, category: string, limit: number): Promise<WantedKey[]> {
  const reply = await client.zrevrange(keyspace.application.popularity(category), 0, limit - 1, 'WITHSCORES');
  const wanted: WantedKey[] = [];
  for (let i = 0; i < reply.length; i += 2) {
    const member = reply[i] ?? '';
    if (member.startsWith('k')) wanted.push({ key: member.slice(1), weight: Number(reply[i + 1]) });
  }
  return wanted;
}

/** A key with its weight relative to others of the same list. */
export interface WantedKey {
  readonly key: string;
  readonly weight: number;
}

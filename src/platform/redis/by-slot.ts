import { Cluster } from 'ioredis';
import type { RedisClient } from './redis-layers.js';

/** One call for all on a single server; on a cluster one for each item, since a script may touch one slot only. */
export async function bySlot<I, R>(
  client: RedisClient,
  items: readonly I[],
  call: (some: readonly I[]) => Promise<readonly R[]>,
): Promise<R[]> {
  if (items.length === 0) return [];
  if (!(client instanceof Cluster) || items.length === 1) return [...(await call(items))];
  return (await Promise.all(items.map((item) => call([item])))).flat();
}

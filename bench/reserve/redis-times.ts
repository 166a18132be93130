import type { RedisClient } from '../../src/platform/redis/redis-layers.ts';

/** Processor time that the server has used so far. */
export async function cpuSecondsOf(client: RedisClient): Promise<number> {
  const info = await client.info('cpu');
  return numberIn(info, /used_cpu_sys:([\d.]+)/) + numberIn(info, /used_cpu_user:([\d.]+)/);
}

/** The time that EVALSHA took inside the server so far. */
export async function scriptUsOf(client: RedisClient): Promise<number> {
  const info = await client.info('commandstats');
  return Number(/cmdstat_evalsha:calls=\d+,usec=(\d+)/.exec(info)?.[1] ?? 0);
}

/** How many holds there are: of the keys of stock, only their records expire. */
export async function holdCountOf(client: RedisClient): Promise<number> {
  return Number(/expires=(\d+)/.exec(await client.info('keyspace'))?.[1] ?? 0);
}

function numberIn(info: string, pattern: RegExp): number {
  const found = pattern.exec(info)?.[1];
  if (!found) throw new Error(`INFO has no ${pattern.source}.`);
  return Number(found);
}

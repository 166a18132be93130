import type { RedisClient } from '../../src/platform/redis/redis-layers.ts';

/** Processor time that the server has used so far. */
export async function cpuSecondsOf(client: RedisClient): Promise<number> {
  const info = await client.info('cpu');
  return numberIn(info, /used_cpu_sys:([\d.]+)/) + numberIn(info, /used_cpu_user:([\d.]+)/);
}

/** How often EVALSHA was called so far, and the time it took inside the server. */
export async function scriptTimesOf(client: RedisClient): Promise<{ calls: number; us: number }> {
  const info = await client.info('commandstats');
  const times = /cmdstat_evalsha:calls=(\d+),usec=(\d+)/.exec(info);
  return { calls: Number(times?.[1] ?? 0), us: Number(times?.[2] ?? 0) };
}

function numberIn(info: string, pattern: RegExp): number {
  const found = pattern.exec(info)?.[1];
  if (!found) throw new Error(`INFO has no ${pattern.source}.`);
  return Number(found);
}

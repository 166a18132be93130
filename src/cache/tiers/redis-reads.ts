// Reads of single entries, collected: what is asked for in one turn of the event loop goes to redis as one MGET with one
// deadline and one look at the breaker, instead of one of each for every key.
import { Cluster } from 'ioredis';
import { MicroBatch } from '../../platform/micro-batch.js';
import type { RedisClient } from '../../platform/redis/redis-layers.js';
import { slotGroups } from '../../platform/redis/slots.js';
import type { RedisGuard } from './redis-guard.js';

/** Null when there is nothing, or nothing that is a string; undefined when redis gave no answer. */
export type RawRead = Buffer | null | undefined;

/** One reply of this many small documents still leaves the event loop free for others. */
const MAX_KEYS = 128;
const MAX_IN_FLIGHT = 16;

export class RedisReads {
  private readonly batch = new MicroBatch<string, RawRead>((names) => this.readMany(names), {
    maxItems: MAX_KEYS,
    maxInFlight: MAX_IN_FLIGHT,
  });

  constructor(private readonly guard: RedisGuard) {}

  read(name: string): Promise<RawRead> {
    return this.batch.add(name);
  }

  async readMany(names: readonly string[]): Promise<readonly RawRead[]> {
    const outcome = await this.guard.run((client) => getBuffers(client, names));
    return outcome.ok ? outcome.value : names.map(() => undefined);
  }
}

/** MGET answers null for what is no string, where GET would fail. On a cluster a command may touch one slot only. */
async function getBuffers(client: RedisClient, names: readonly string[]): Promise<RawRead[]> {
  if (!(client instanceof Cluster)) return client.mgetBuffer(...names);
  const replies: RawRead[] = new Array(names.length);
  await Promise.all(
    slotGroups(names).map(async (group) => {
      const buffers = await client.mgetBuffer(...group.map(({ name }) => name));
      group.forEach(({ index }, i) => {
        replies[index] = buffers[i];
      });
    }),
  );
  return replies;
}

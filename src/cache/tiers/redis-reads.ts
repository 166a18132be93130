// Reads of single entries, collected: what is asked for in one turn of the event loop goes to redis in one command with
// one deadline and one look at the breaker, instead of one of each for every key.
import { MicroBatch } from '../../platform/micro-batch.js';
import { readBuffers } from './bulk-reads.js';
import type { RedisGuard } from './redis-guard.js';

/** Null when there is nothing, or nothing that is a string; undefined when redis gave no answer. */
export type RawRead = Buffer | null | undefined;

/** The replies of so many small documents still leave the event loop free for others. */
const MAX_KEYS = 128;
/** A frozen server is found out within one deadline, whatever waits behind it. */
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
    const outcome = await this.guard.run((client) => readBuffers(client, names));
    return outcome.ok ? outcome.value : names.map(() => undefined);
  }
}

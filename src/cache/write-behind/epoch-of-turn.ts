import type { RedisClient } from '../../platform/redis/redis-layers.js';

/**
 * The epoch in force, asked for once by all who read documents of a shard in the same turn of the event loop: their
 * questions go out behind it, so what they find was there when it was in force.
 */
export class EpochOfTurn {
  private readonly asked = new Map<string, Promise<number>>();

  /** @returns 0 for none */
  read(client: RedisClient, epochKey: string): Promise<number> {
    const asked = this.asked.get(epochKey);
    if (asked) return asked;
    if (this.asked.size === 0) setImmediate(() => this.asked.clear());
    const epoch = this.ask(client, epochKey);
    this.asked.set(epochKey, epoch);
    return epoch;
  }

  private async ask(client: RedisClient, epochKey: string): Promise<number> {
    try {
      return Number((await client.hget(epochKey, 'epoch')) ?? 0);
    } finally {
      // Who comes after the answer asks anew.
      this.asked.delete(epochKey);
    }
  }
}

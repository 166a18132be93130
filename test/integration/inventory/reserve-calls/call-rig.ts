// Two partitions of one Redis that are told the same story: one is asked for all holds in one turn, the other for one after
// another. Time stands still unless it is moved: scripts take the later of Redis TIME and a level's clock.
import type { InventoryScripts } from '../../../../src/inventory/holds/inventory.scripts.js';
import { StockPartition } from '../../../../src/inventory/holds/stock-partition.store.js';
import { keyspace } from '../../../../src/platform/keyspace.js';
import type { TurnRedis } from '../../../../src/platform/redis/turn-redis.js';

export const EPOCH = 5;
const START_MS = 4_000_000_000_000;
const uuid = (kind: number, number: number) => `00000000-0000-4000-8${kind}00-${String(number).padStart(12, '0')}`;
export const holdIdOf = (hold: number) => uuid(0, hold);
export const variantIdOf = (variant: number) => uuid(1, variant);
export const locationIds = [uuid(2, 1), uuid(2, 2)];

export interface Hold {
  readonly hold: number;
  readonly lines: readonly { readonly variant: number; readonly quantity: number }[];
  readonly ttlMs: number;
}

/** `epoch` 0 is a level that is not loaded; `limit` is a number, `b` or `u`. */
export interface Level {
  readonly epoch: number;
  readonly limit: string;
}

export interface Story {
  /** Per variant, at each of the locations. */
  readonly levels: readonly (readonly Level[])[];
  /** Taken one by one, before some are given back and time goes on. */
  readonly before: readonly Hold[];
  readonly released: readonly number[];
  readonly waitMs: number;
  readonly asked: readonly Hold[];
}

const partOf = ({ hold, lines }: Hold) => ({
  holdId: holdIdOf(hold),
  lines: lines.map(({ variant, quantity }) => ({ variantId: variantIdOf(variant), quantity })),
  fingerprint: JSON.stringify(lines),
  locationIds,
});

export class CallRig {
  readonly partition: StockPartition;

  constructor(
    private readonly name: string,
    private readonly redis: TurnRedis,
    scripts: InventoryScripts,
  ) {
    this.partition = new StockPartition(name, 1, { client: () => redis }, scripts);
  }

  reserve(hold: Hold) {
    return this.partition.reserve(partOf(hold), hold.ttlMs, EPOCH);
  }

  async prepare({ levels, before, released, waitMs }: Story): Promise<void> {
    const pipeline = this.redis.pipeline();
    for (const [variant, places] of levels.entries()) {
      for (const [place, { epoch, limit }] of places.entries()) {
        if (epoch > 0) pipeline.hset(this.levelKey(variant, place), { e: epoch, v: 1, n: 9, p: 'd', a: limit, t: '' });
      }
    }
    await pipeline.exec();
    await this.setTime(levels, START_MS);
    for (const hold of before) await this.reserve(hold);
    for (const hold of released) {
      const { lines } = before.find((other) => other.hold === hold) ?? { lines: [{ variant: 0, quantity: 1 }] };
      await this.partition.release(partOf({ hold, lines, ttlMs: 1 }), 'test');
    }
    await this.setTime(levels, START_MS + waitMs);
  }

  /** All that the partition has: by the ends of the keys, which are the same in both. */
  async state(): Promise<unknown> {
    const names = (await this.redis.keys(`op:{inv:${this.name}}:*`)).sort();
    return Promise.all(
      names.map(async (key) => {
        const type = await this.redis.type(key);
        if (type === 'hash') return [key.split('}')[1], await this.redis.hgetall(key)];
        if (type === 'zset') return [key.split('}')[1], await this.redis.zrange(key, '0', '-1', 'WITHSCORES')];
        return [key.split('}')[1], await this.redis.get(key), (await this.redis.pttl(key)) > 0];
      }),
    );
  }

  levelKey(variant: number, place: number): string {
    return keyspace.operational.level(this.name, variantIdOf(variant), locationIds[place]!);
  }

  private async setTime(levels: Story['levels'], nowMs: number): Promise<void> {
    const pipeline = this.redis.pipeline();
    for (const [variant, places] of levels.entries()) {
      for (const place of places.keys()) pipeline.hset(this.levelKey(variant, place), 'c', nowMs);
    }
    await pipeline.exec();
  }
}

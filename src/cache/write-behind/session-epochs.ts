// Whether the session layer can be believed, by shard. A server that was restarted, replaced or flushed may have lost what
// it acknowledged, and PostgreSQL may have been written past it: then the epoch goes up, each document that Redis has is
// compared with PostgreSQL before it is used again, and new versions begin above all that were ever given out.
import type { Logger } from 'pino';
import { unavailable } from '../../platform/errors.js';
import { keyspace, SESSION_SHARDS, type SessionShard } from '../../platform/keyspace.js';
import type { EpochInRedis } from '../../platform/redis/epoch.scripts.js';
import type { RedisLayers } from '../../platform/redis/redis-layers.js';
import { onOtherServers } from '../../platform/redis/servers.js';
import type { SessionEpochsRepository } from './session-epochs.repository.js';
import { readOrSetEpoch } from './write-behind.scripts.js';

const ATTEMPTS = 3;
/** More changes than one document ever gets in one epoch. */
const VERSIONS_PER_EPOCH = 1_000_000_000;
/** The first epoch of a server of Redis: versions begin at 1. */
const FIRST_EPOCH = 2;

/** Versions given out in an epoch are above this number and not above that of the next epoch. */
export const firstVersionOf = (epoch: number): number => (epoch - FIRST_EPOCH) * VERSIONS_PER_EPOCH;

/** Whether a version was written past Redis: then it was made while Redis was away, as what was made because of it may be. */
export const isPastRedis = (version: number): boolean =>
  (Math.ceil(version / VERSIONS_PER_EPOCH) - 1 + FIRST_EPOCH) % 2 === 1;

export class SessionEpochs {
  private readonly known = new Map<SessionShard, number>();
  private connection = 0;

  constructor(
    private readonly redis: RedisLayers,
    private readonly repository: SessionEpochsRepository,
    private readonly logger: Logger,
  ) {
    onOtherServers(redis.client('session'), () => this.forget());
    redis.watch('session').beforeReturn(() => this.verifyAll());
  }

  private forget(): void {
    this.known.clear();
    this.connection += 1;
  }

  /** The epoch in force, as known on this connection. */
  async current(shard: SessionShard): Promise<number> {
    return this.known.get(shard) ?? (await this.verify(shard));
  }

  async verifyAll(): Promise<void> {
    for (const shard of SESSION_SHARDS) await this.verify(shard);
  }

  /**
   * Compares Redis with PostgreSQL and raises the epoch when either has gone on without the other. Processes that do it at
   * the same time are put in order by the row lock.
   * @param atLeast an epoch that was seen somewhere: the one in force must not be older
   */
  async verify(shard: SessionShard, atLeast = 0): Promise<number> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { connection } = this;
      const epoch = await this.check(shard, atLeast);
      if (connection !== this.connection) continue;
      this.known.set(shard, epoch);
      return epoch;
    }
    throw unavailable('The session store');
  }

  private async check(shard: SessionShard, atLeast: number): Promise<number> {
    const [inRedis, stored] = await Promise.all([this.inRedis(shard), this.repository.read(shard)]);
    return isSound(inRedis, stored, atLeast) ? stored : this.raise(shard, atLeast);
  }

  private raise(shard: SessionShard, atLeast: number): Promise<number> {
    return this.repository.raise(shard, async (stored) => {
      const inRedis = await this.inRedis(shard);
      if (isSound(inRedis, stored, atLeast)) return stored;
      const last = Math.max(stored, inRedis.epoch, atLeast);
      const epoch = last + 2 - (last % 2);
      // Before the commit: should that fail, Redis is ahead of PostgreSQL, and the next comparison raises both.
      const set = await this.inRedis(shard, epoch);
      if (set.epoch !== epoch) throw unavailable('The session store');
      this.logger.info(
        { shard, epoch, sameServer: inRedis.sameServer },
        'documents in redis are compared with PostgreSQL',
      );
      return epoch;
    });
  }

  private inRedis(shard: SessionShard, newEpoch = 0) {
    return readOrSetEpoch(this.redis.client('session'), keyspace.session.epoch(shard), newEpoch);
  }
}

/** In an odd epoch documents are written past Redis. */
function isSound(inRedis: EpochInRedis, stored: number, atLeast: number): boolean {
  return inRedis.sameServer && inRedis.epoch === stored && stored % 2 === 0 && stored >= atLeast;
}

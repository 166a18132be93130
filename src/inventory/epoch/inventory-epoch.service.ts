// Decides whether Redis can be trusted. Redis may come back from a restart, a failover or FLUSHALL with less than it had:
// then its run id is another one or the epoch is gone. PostgreSQL may come back from a backup: then its epoch is behind, or
// levels differ at the same epoch, which the scheduled reconciliation finds.
// Either way the epoch goes up, and every level that Redis keeps from an older one is void and loaded again. The answer
// counts for one connection only, because a server that lost its memory has lost its connections too.
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { unavailable } from '../../platform/errors.js';
import { LOGGER } from '../../platform/logging.js';
import type { EpochInRedis } from '../../platform/redis/epoch.scripts.js';
import { RedisLayers } from '../../platform/redis/redis-layers.js';
import { onOtherServers } from '../../platform/redis/servers.js';
import { StockGate } from '../holds/stock-gate.store.js';
import { InventoryMetrics } from '../metrics/inventory-metrics.js';
import { EpochsRepository } from './epochs.repository.js';

const ATTEMPTS = 3;

@Injectable()
export class InventoryEpoch implements OnModuleInit {
  private known: number | undefined;
  private connection = 0;
  private checking: Promise<number> | undefined;

  constructor(
    @Inject(RedisLayers) private readonly layers: RedisLayers,
    @Inject(StockGate) private readonly gate: StockGate,
    @Inject(EpochsRepository) private readonly epochs: EpochsRepository,
    @Inject(InventoryMetrics) private readonly metrics: InventoryMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    onOtherServers(this.layers.client('operational'), () => this.forget());
    this.layers.onReady('operational', async () => {
      await this.verify();
    });
  }

  /** The epoch in force on this connection. @throws AppError `unavailable` when it cannot be found out */
  async current(): Promise<number> {
    return this.known ?? (await this.verify());
  }

  /**
   * Compares Redis with PostgreSQL and raises the epoch when either may have lost data. Calls at the same time share one
   * comparison; processes that do it at the same time are put in order by the row lock.
   * @param atLeast an epoch that was seen somewhere: the one in force must not be older
   */
  async verify(atLeast = 0): Promise<number> {
    const shared = await (this.checking ?? this.begin(atLeast));
    // The comparison that was joined may not have known of this epoch.
    return shared >= atLeast ? shared : this.begin(atLeast);
  }

  private begin(atLeast: number): Promise<number> {
    const checking = this.verifyOnOneConnection(atLeast).finally(() => {
      if (this.checking === checking) this.checking = undefined;
    });
    this.checking = checking;
    return checking;
  }

  /** The connection that the epoch was verified on is gone. */
  forget(): void {
    this.known = undefined;
    this.connection += 1;
  }

  private async verifyOnOneConnection(atLeast: number): Promise<number> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { connection } = this;
      const epoch = await this.check(atLeast);
      if (connection === this.connection) {
        this.known = epoch;
        return epoch;
      }
    }
    throw unavailable('The store of stock holds');
  }

  private async check(atLeast: number): Promise<number> {
    const [redis, stored] = await Promise.all([this.gate.epoch(), this.epochs.read()]);
    return isSound(redis, stored, atLeast) ? stored : this.raise(atLeast);
  }

  private raise(atLeast: number): Promise<number> {
    return this.epochs.whileLocked(async (tx, stored) => {
      const redis = await this.gate.epoch();
      if (isSound(redis, stored, atLeast)) return stored;
      const epoch = Math.max(stored, redis.epoch, atLeast) + 1;
      await this.epochs.write(tx, epoch);
      // Before the commit, so that whoever waits for the lock finds Redis in order. If the commit fails, Redis is ahead of
      // PostgreSQL, and the next comparison raises both.
      const set = await this.gate.epoch(epoch);
      if (set.epoch !== epoch) throw unavailable('The store of stock holds');
      this.metrics.epochChanges.inc();
      this.logger.info(
        { epoch, redisEpoch: redis.epoch, postgresEpoch: stored, sameServer: redis.sameServer },
        'redis has begun anew: stock levels are loaded into it as they are needed',
      );
      return epoch;
    });
  }
}

function isSound(redis: EpochInRedis, stored: number, atLeast: number): boolean {
  return redis.sameServer && redis.epoch === stored && stored >= atLeast;
}

import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Logger } from 'pino';
import { CONFIG, type Config } from '../../platform/config.js';
import { LOGGER } from '../../platform/logging.js';
import { RedisLayers } from '../../platform/redis/redis-layers.js';
import { Repeating } from '../../platform/repeating.js';
import { HoldPromises } from '../holds/hold-promises.js';
import { InventoryEpoch } from './inventory-epoch.service.js';

const EVERY_MS = 1_000;

/**
 * Checks each second whether Redis may have lost data: FLUSHALL breaks no connection, and in a Cluster a replica may have
 * replaced its node. When an epoch is new to this worker, it restores the promised holds, whoever raised the epoch, so that
 * no crash in between can lose them.
 */
@Injectable()
export class EpochWatchJob implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly repeating: Repeating;
  private restoredFor = 0;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(RedisLayers) private readonly layers: RedisLayers,
    @Inject(InventoryEpoch) private readonly epoch: InventoryEpoch,
    @Inject(HoldPromises) private readonly promises: HoldPromises,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.repeating = new Repeating(EVERY_MS, () => this.look(), 'the epoch of stock is compared later', logger);
  }

  onApplicationBootstrap(): void {
    if (this.config.ROLE !== 'api') this.repeating.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.repeating.stop();
  }

  private async look(): Promise<void> {
    if (!this.layers.watch('operational').isOut) await this.follow();
  }

  private async follow(): Promise<void> {
    const epoch = await this.epoch.verify();
    if (epoch === this.restoredFor) return;
    const restored = await this.promises.restore();
    this.restoredFor = epoch;
    if (restored > 0) this.logger.info({ epoch, restored }, 'holds of checkouts that are being paid are in redis');
  }
}

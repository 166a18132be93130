import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Logger } from 'pino';
import { CONFIG, type Config } from '../../platform/config.js';
import { LOGGER } from '../../platform/logging.js';
import { RedisLayers } from '../../platform/redis/redis-layers.js';
import { HoldPromises } from '../holds/hold-promises.js';
import { InventoryEpoch } from './inventory-epoch.service.js';

const EVERY_MS = 1_000;

/**
 * Looks each second whether Redis still is what it was: FLUSHALL breaks no connection, and behind a Cluster a node may have
 * been replaced by its replica. In an epoch that is new to this worker the promised holds are restored, whoever raised it,
 * so that no crash in between can lose them.
 */
@Injectable()
export class EpochWatchJob implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private restoredFor = 0;
  private failing = false;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(RedisLayers) private readonly layers: RedisLayers,
    @Inject(InventoryEpoch) private readonly epoch: InventoryEpoch,
    @Inject(HoldPromises) private readonly promises: HoldPromises,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.ROLE !== 'api') this.schedule();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.running;
  }

  private schedule(): void {
    this.timer = setTimeout(() => {
      this.running = this.look().finally(() => this.timer && this.schedule());
    }, EVERY_MS);
  }

  private async look(): Promise<void> {
    try {
      if (!this.layers.watch('operational').isOut) await this.follow();
      this.failing = false;
    } catch (error) {
      if (!this.failing) this.logger.warn({ err: error }, 'the epoch of stock is compared later');
      this.failing = true;
    }
  }

  private async follow(): Promise<void> {
    const epoch = await this.epoch.verify();
    if (epoch === this.restoredFor) return;
    const restored = await this.promises.restore();
    this.restoredFor = epoch;
    if (restored > 0) this.logger.info({ epoch, restored }, 'holds of checkouts that are being paid are in redis');
  }
}

import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import type { Logger } from 'pino';
import { LOGGER } from '../../platform/logging.js';
import type { LayerWatch } from '../../platform/redis/layer-watch.js';
import { RedisLayers } from '../../platform/redis/redis-layers.js';
import { Repeating } from '../../platform/repeating.js';
import { ScheduledJobs, untilNothingIsLeft } from '../../platform/scheduled-jobs.js';
import { HoldHandoverRepository } from './hold-handover.repository.js';
import { HoldHandover } from './hold-handover.service.js';

const LOOK_EVERY_MS = 1_000;

/** Holds are handed over before this process uses Redis again, and each second for the processes that do not see Redis. */
@Injectable()
export class HoldHandoverJob implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly layer: LayerWatch;
  private readonly repeating: Repeating;

  constructor(
    @Inject(RedisLayers) layers: RedisLayers,
    @Inject(ScheduledJobs) private readonly jobs: ScheduledJobs,
    @Inject(HoldHandover) private readonly handover: HoldHandover,
    @Inject(HoldHandoverRepository) private readonly repository: HoldHandoverRepository,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.layer = layers.watch('operational');
    this.repeating = new Repeating(LOOK_EVERY_MS, () => this.look(), 'holds are handed over to redis later', logger);
  }

  onModuleInit(): void {
    this.layer.beforeReturn(() => this.handOver());
    this.jobs.register({
      name: 'purge-holds',
      summary: 'Forget holds of the times without Redis',
      cron: '47 * * * *',
      run: () => untilNothingIsLeft(() => this.repository.purge()),
    });
  }

  onApplicationBootstrap(): void {
    this.repeating.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.repeating.stop();
  }

  private async look(): Promise<void> {
    if (!this.layer.isOut) await this.handOver();
  }

  private async handOver(): Promise<void> {
    await this.handover.look();
    const handedOver = await this.handover.run();
    if (handedOver > 0) this.logger.info({ handedOver }, 'holds of the time without redis were handed over to it');
  }
}

import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Global,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import type { Logger } from 'pino';
import { Clock } from '../platform/clock.js';
import { CONFIG, type Config } from '../platform/config.js';
import { Database } from '../platform/database/database.js';
import { unavailable } from '../platform/errors.js';
import { LOGGER } from '../platform/logging.js';
import { Metrics } from '../platform/metrics.js';
import { OutboxRelay } from '../platform/outbox/outbox-relay.js';
import { RedisLayers } from '../platform/redis/redis-layers.js';
import { CacheControls } from './controls/cache-controls.js';
import { CacheControlsRepository } from './controls/cache-controls.repository.js';
import { LeaderLock } from './locks/leader-lock.js';
import { TieredCache } from './tiered-cache.js';
import { WarmUps } from './warming/warm-ups.js';
import { WriteBehind } from './write-behind/write-behind.js';

/** Part of the PostgreSQL pool that cached reads may take; the rest is for everything else. */
const ORIGIN_SHARE = 0.75;

const providers = [
  {
    provide: TieredCache,
    useFactory: (redis: RedisLayers, clock: Clock, metrics: Metrics, logger: Logger, config: Config) =>
      new TieredCache(redis, clock, metrics, logger, {
        originConcurrency: Math.max(1, Math.floor(config.DATABASE_POOL_MAX * ORIGIN_SHARE)),
      }),
    inject: [RedisLayers, Clock, Metrics, LOGGER, CONFIG],
  },
  {
    provide: CacheControls,
    useFactory: (cache: TieredCache, database: Database, logger: Logger) =>
      new CacheControls(
        new CacheControlsRepository(database),
        (name, controls) => cache.control(name, controls),
        logger,
      ),
    inject: [TieredCache, Database, LOGGER],
  },
  {
    provide: WriteBehind,
    useFactory: (redis: RedisLayers, database: Database, metrics: Metrics, logger: Logger) =>
      new WriteBehind(redis, database, metrics, logger),
    inject: [RedisLayers, Database, Metrics, LOGGER],
  },
  {
    provide: LeaderLock,
    useFactory: (redis: RedisLayers, logger: Logger) => new LeaderLock(redis, logger),
    inject: [RedisLayers, LOGGER],
  },
  { provide: WarmUps, useClass: WarmUps },
];

/** Tiered reads, write-behind, leadership and warm-ups, for every module. Needs PlatformModule. */
@Global()
@Module({})
export class CacheModule implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    @Inject(TieredCache) private readonly cache: TieredCache,
    @Inject(WriteBehind) private readonly writeBehind: WriteBehind,
    @Inject(WarmUps) private readonly warmUps: WarmUps,
    @Inject(OutboxRelay) private readonly relay: OutboxRelay,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  static forRoot(): DynamicModule {
    return { module: CacheModule, providers, exports: providers.map((provider) => provider.provide) };
  }

  async onModuleInit(): Promise<void> {
    // The writer has done the same at once; this is for a writer that died, and for changes made with plain SQL.
    this.relay.on('catalog.changed', 'cache', async ({ tags }) => {
      const { published } = await this.cache.invalidate({ tags });
      if (!published) throw unavailable('The application layer');
    });
    await this.cache.start();
  }

  /** After every module has registered its kinds of documents. */
  onApplicationBootstrap(): void {
    if (this.config.ROLE !== 'api') this.writeBehind.start();
  }

  /** Before the platform closes Redis and PostgreSQL. Requests that still run read on, with a check of redis each second. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.warmUps.stop();
    if (this.config.ROLE !== 'api') await this.writeBehind.stop();
    await this.cache.stop();
  }
}

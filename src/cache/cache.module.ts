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
import { Clock, TurnClock } from '../platform/clock.js';
import { CONFIG, type Config } from '../platform/config.js';
import { Database, longestQueryMs } from '../platform/database/database.js';
import { unavailable } from '../platform/errors.js';
import { LOGGER } from '../platform/logging.js';
import { Metrics } from '../platform/metrics.js';
import { OutboxRelay } from '../platform/outbox/outbox-relay.js';
import { RedisLayers } from '../platform/redis/redis-layers.js';
import { CacheAuditor, defaultAuditOptions } from './audit/cache-auditor.js';
import { CacheControls } from './controls/cache-controls.js';
import { CacheControlsRepository } from './controls/cache-controls.repository.js';
import { LeaderLock } from './locks/leader-lock.js';
import { TieredCache } from './tiered-cache.js';
import { HotKeyKeeper } from './warming/hot-key-keeper.js';
import { HotKeysRepository } from './warming/hot-keys.repository.js';
import { Popularity } from './warming/popularity.js';
import { WarmPlanner } from './warming/warm-planner.js';
import { defaultWarmPace, WarmRunner } from './warming/warm-runner.js';
import { WarmUps } from './warming/warm-ups.js';
import { WarmUpsRepository } from './warming/warm-ups.repository.js';
import { WriteBehind } from './write-behind/write-behind.js';

/** Part of the PostgreSQL pool that cached reads may take; the rest is for everything else. */
const ORIGIN_SHARE = 0.75;

/** How long until a warm-up whose process died is resumed. */
const WARM_LEASE_MS = 15_000;

const providers = [
  {
    provide: TieredCache,
    useFactory: (redis: RedisLayers, clock: Clock, metrics: Metrics, logger: Logger, config: Config) =>
      new TieredCache(redis, new TurnClock(clock), metrics, logger, {
        originConcurrency: Math.max(1, Math.floor(config.DATABASE_POOL_MAX * ORIGIN_SHARE)),
        standbyLoadsPerS: config.STANDBY_LOADS_PER_S,
        loadLifeMs: longestQueryMs(config),
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
    provide: CacheAuditor,
    useFactory: (cache: TieredCache, logger: Logger) => new CacheAuditor(cache, logger, defaultAuditOptions),
    inject: [TieredCache, LOGGER],
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
  {
    provide: Popularity,
    useFactory: (redis: RedisLayers, cache: TieredCache, database: Database, logger: Logger) =>
      new Popularity(redis, cache, new HotKeysRepository(database), logger),
    inject: [RedisLayers, TieredCache, Database, LOGGER],
  },
  {
    provide: HotKeyKeeper,
    useFactory: (cache: TieredCache, popularity: Popularity, logger: Logger, config: Config) =>
      new HotKeyKeeper(cache, popularity, logger, { startMs: config.CACHE_WARM_START_MS }),
    inject: [TieredCache, Popularity, LOGGER, CONFIG],
  },
  {
    provide: WarmUps,
    useFactory: (
      cache: TieredCache,
      database: Database,
      popularity: Popularity,
      leaderLock: LeaderLock,
      logger: Logger,
      config: Config,
    ) => {
      const repository = new WarmUpsRepository(database);
      const planner = new WarmPlanner(cache, popularity);
      const runner = new WarmRunner(cache, repository, leaderLock, defaultWarmPace);
      const options = { resumes: config.ROLE !== 'api', leaseMs: WARM_LEASE_MS };
      return new WarmUps(repository, planner, runner, logger, options);
    },
    inject: [TieredCache, Database, Popularity, LeaderLock, LOGGER, CONFIG],
  },
];

/** Tiered reads, write-behind, leadership and warm-ups, for every module. Needs PlatformModule. */
@Global()
@Module({})
export class CacheModule implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    @Inject(TieredCache) private readonly cache: TieredCache,
    @Inject(WriteBehind) private readonly writeBehind: WriteBehind,
    @Inject(OutboxRelay) private readonly relay: OutboxRelay,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  static forRoot(): DynamicModule {
    return { module: CacheModule, providers, exports: providers.map((provider) => provider.provide) };
  }

  async onModuleInit(): Promise<void> {
    // The writer invalidates at once; this covers a writer that died, and changes made with plain SQL.
    this.relay.on('catalog.changed', 'cache', async ({ tags }) => {
      const { published } = await this.cache.invalidateHeard('catalog.changed', tags);
      if (!published) throw unavailable('The application layer');
    });
    await this.cache.start();
  }

  /** After every module has registered its kinds of documents. */
  onApplicationBootstrap(): void {
    if (this.config.ROLE !== 'api') this.writeBehind.start();
  }

  /** Runs before the platform closes Redis and PostgreSQL. Requests still running read on, checking redis each second. */
  async beforeApplicationShutdown(): Promise<void> {
    if (this.config.ROLE !== 'api') await this.writeBehind.stop();
    await this.cache.stop();
  }
}

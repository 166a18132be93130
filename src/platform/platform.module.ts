import {
  type DynamicModule,
  Global,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import type { Logger } from 'pino';
import { ApiKeysRepository } from './auth/api-keys.repository.js';
import { ApiKeysService } from './auth/api-keys.service.js';
import { Clock, SystemClock } from './clock.js';
import { CONFIG, type Config } from './config.js';
import { Database } from './database/database.js';
import { HotReads } from './http/hot-reads.js';
import { IdempotencyRepository } from './idempotency/idempotency.repository.js';
import { OnceInTransaction } from './idempotency/once-in-transaction.js';
import { OncePerKey } from './idempotency/once-per-key.js';
import { LOGGER } from './logging.js';
import { Metrics } from './metrics.js';
import { OutboxRepository } from './outbox/outbox.repository.js';
import { OutboxRelay } from './outbox/outbox-relay.js';
import { RedisLayers } from './redis/redis-layers.js';
import { ScheduledJobs } from './scheduled-jobs.js';

/** The parts that exist before Nest does, since the HTTP server is made of them as well. */
export interface PlatformParts {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly hotReads: HotReads;
}

/** A capture or void is the longest that an event may take; the claims of a killed relay pass to the others after this. */
const claimMs = ({ PAYMENT_TIMEOUT_MS }: Config) => 10_000 + 2 * PAYMENT_TIMEOUT_MS;

/** What every feature builds on: settings, log, clock, PostgreSQL, the three Redis layers, the outbox. */
@Global()
@Module({})
export class PlatformModule implements OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(OutboxRelay) private readonly relay: OutboxRelay,
    @Inject(Database) private readonly database: Database,
    @Inject(RedisLayers) private readonly redis: RedisLayers,
  ) {}

  static forRoot(config: Config, { logger, metrics, hotReads }: PlatformParts): DynamicModule {
    const providers = [
      { provide: CONFIG, useValue: config },
      { provide: LOGGER, useValue: logger },
      { provide: Clock, useClass: SystemClock },
      { provide: Metrics, useValue: metrics },
      { provide: HotReads, useValue: hotReads },
      { provide: ApiKeysRepository, useClass: ApiKeysRepository },
      { provide: ApiKeysService, useClass: ApiKeysService },
      { provide: ScheduledJobs, useClass: ScheduledJobs },
      { provide: IdempotencyRepository, useClass: IdempotencyRepository },
      { provide: OnceInTransaction, useClass: OnceInTransaction },
      { provide: OncePerKey, useClass: OncePerKey },
      { provide: Database, useFactory: () => new Database(config, logger) },
      { provide: RedisLayers, useFactory: () => new RedisLayers(config, logger) },
      { provide: OutboxRepository, useClass: OutboxRepository },
      {
        provide: OutboxRelay,
        useFactory: (repository: OutboxRepository) => new OutboxRelay(repository, logger, claimMs(config)),
        inject: [OutboxRepository],
      },
    ];
    return { module: PlatformModule, providers, exports: providers.map((provider) => provider.provide) };
  }

  /** By now every feature has registered its subscribers. */
  onApplicationBootstrap(): void {
    if (this.config.ROLE !== 'api') this.relay.start();
  }

  /** Before the features stop what its subscribers use. */
  async onModuleDestroy(): Promise<void> {
    await this.relay.stop();
  }

  /** The last hook of all: HTTP has drained, and every feature has stopped its own work. */
  async onApplicationShutdown(): Promise<void> {
    await this.redis.close();
    await this.database.close();
  }
}

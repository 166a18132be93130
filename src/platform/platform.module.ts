import { type DynamicModule, Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { Clock, SystemClock } from './clock.js';
import { CONFIG, type Config } from './config.js';
import { Database } from './database/database.js';
import { createLogger, LOGGER } from './logging.js';
import { Metrics } from './metrics.js';
import { OutboxRelay } from './outbox/outbox-relay.js';
import { RedisLayers } from './redis/redis-layers.js';

/** What every feature builds on: settings, log, clock, PostgreSQL, the three Redis layers, the outbox. */
@Global()
@Module({})
export class PlatformModule implements OnApplicationShutdown {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(RedisLayers) private readonly redis: RedisLayers,
  ) {}

  static forRoot(config: Config): DynamicModule {
    const providers = [
      { provide: CONFIG, useValue: config },
      { provide: LOGGER, useFactory: () => createLogger(config) },
      { provide: Clock, useClass: SystemClock },
      { provide: Metrics, useClass: Metrics },
      { provide: Database, useFactory: (logger: Logger) => new Database(config, logger), inject: [LOGGER] },
      { provide: RedisLayers, useFactory: (logger: Logger) => new RedisLayers(config, logger), inject: [LOGGER] },
      {
        provide: OutboxRelay,
        useFactory: (database: Database, logger: Logger) => new OutboxRelay(database, logger),
        inject: [Database, LOGGER],
      },
    ];
    return { module: PlatformModule, providers, exports: providers.map((provider) => provider.provide) };
  }

  /** Runs after every feature has stopped its own work. */
  async onApplicationShutdown(): Promise<void> {
    await this.redis.close();
    await this.database.close();
  }
}

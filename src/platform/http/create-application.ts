import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import { createLogger, NestLogger } from '../logging.js';
import { Metrics } from '../metrics.js';
import { PlatformModule } from '../platform.module.js';
import { HotReads } from './hot-reads.js';
import { ProblemFilter } from './problem.filter.js';
import { createServer } from './server.js';
import { validationPipe } from './validation.js';

@Module({})
class RootModule {}

/** An application of the given modules on the platform, behind its HTTP edge. The caller initialises it or listens. */
export async function createApplication(
  config: Config,
  modules: (Type | DynamicModule)[],
  logger: Logger = createLogger(config),
): Promise<NestFastifyApplication> {
  const parts = { logger, metrics: new Metrics(), hotReads: new HotReads() };
  const server = createServer(config, parts.metrics, logger, parts.hotReads);
  const root = { module: RootModule, imports: [PlatformModule.forRoot(config, parts), ...modules] };
  const app = await NestFactory.create<NestFastifyApplication>(root, server, {
    logger: new NestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  });
  app.useGlobalPipes(validationPipe());
  app.useGlobalFilters(new ProblemFilter(logger));
  return app;
}

import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import { AppModule } from './app.module.js';
import type { Config } from './platform/config.js';
import { migrate } from './platform/database/migrate.js';
import { HotReads } from './platform/http/hot-reads.js';
import { buildOpenApi } from './platform/http/openapi.js';
import { ProblemFilter } from './platform/http/problem.filter.js';
import { createServer } from './platform/http/server.js';
import { validationPipe } from './platform/http/validation.js';
import { createLogger, NestLogger } from './platform/logging.js';
import { Metrics } from './platform/metrics.js';

/** The whole application, ready to listen: migrated, wired, documented. The caller listens and closes it. */
export async function createApp(config: Config): Promise<NestFastifyApplication> {
  if (config.MIGRATE_ON_START) await migrate(config.DATABASE_URL);
  const shared = { logger: createLogger(config), metrics: new Metrics(), hotReads: new HotReads() };
  const server = await createServer(config, shared.metrics, shared.logger, shared.hotReads);
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.forRoot(config, shared), server, {
    logger: new NestLogger(shared.logger),
    bodyParser: false,
    abortOnError: false,
  });
  app.useGlobalPipes(validationPipe());
  app.useGlobalFilters(new ProblemFilter(shared.logger));
  const document = buildOpenApi(app);
  SwaggerModule.setup('docs', app, document, { jsonDocumentUrl: 'openapi.json', yamlDocumentUrl: 'openapi.yaml' });
  await app.init();
  return app;
}

import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import type { Logger } from 'pino';
import { AppModule } from './app.module.js';
import type { Config } from './platform/config.js';
import { migrate, requireMigrated } from './platform/database/migrate.js';
import { waitForDatabase } from './platform/database/wait-for-database.js';
import { createApplication } from './platform/http/create-application.js';
import { buildOpenApi } from './platform/http/openapi.js';

/** A PostgreSQL that was killed recovers within seconds. */
const DATABASE_PATIENCE_MS = 20_000;

/** The whole shop, ready to listen: migrated, wired, documented. The caller listens and closes it. */
export async function createApp(config: Config, logger?: Logger): Promise<NestFastifyApplication> {
  await waitForDatabase(config.DATABASE_URL, DATABASE_PATIENCE_MS, (text) => process.stderr.write(`${text}\n`));
  await (config.MIGRATE_ON_START ? migrate : requireMigrated)(config.DATABASE_URL);
  const app = await createApplication(config, [AppModule], logger);
  SwaggerModule.setup('docs', app, () => buildOpenApi(app), { jsonDocumentUrl: 'openapi.json', raw: ['json'] });
  await app.init();
  return app;
}

import type { AddressInfo } from 'node:net';
import type { DynamicModule, Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Environment } from '../../src/platform/config.js';
import { createApplication } from '../../src/platform/http/create-application.js';
import { loadConfig } from '../../src/platform/load-config.js';
import { HttpClient } from './http-client.js';
import type { TestRedisLayers } from './redis-servers.js';
import type { TestDatabase } from './test-database.js';

const ADMIN_KEY = 'module-app-admin-key';

/** An application of some modules only, with the edge of the real one, listening on a free port. */
export interface ModuleApp {
  readonly app: NestFastifyApplication;
  readonly http: HttpClient;
  /** The same server, as an administrator with every scope. */
  readonly admin: HttpClient;
  close(): Promise<void>;
}

/** @param env settings beside those of the servers; `LOG_LEVEL` is `silent` unless given */
export async function startModules(
  modules: (Type | DynamicModule)[],
  servers: { readonly database: TestDatabase; readonly redis: Pick<TestRedisLayers, 'urls'> },
  env: Environment = {},
): Promise<ModuleApp> {
  const { operational, application, session } = servers.redis.urls;
  const config = loadConfig({
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    // A process that stood still for a moment has not lost its Redis.
    REDIS_COMMAND_TIMEOUT_MS: '5000',
    DATABASE_URL: servers.database.url,
    REDIS_OPERATIONAL_URL: operational,
    REDIS_APPLICATION_URL: application,
    REDIS_SESSION_URL: session,
    TIERSHOP_ADMIN_KEY: ADMIN_KEY,
    ...env,
  });
  const app = await createApplication(config, modules);
  await app.listen(0, '127.0.0.1');
  const http = new HttpClient(`http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`);
  return { app, http, admin: http.with({ authorization: `Bearer ${ADMIN_KEY}` }), close: () => app.close() };
}

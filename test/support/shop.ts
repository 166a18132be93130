import type { AddressInfo } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from '../../src/create-app.js';
import type { Environment } from '../../src/platform/config.js';
import { loadConfig } from '../../src/platform/load-config.js';
import { HttpClient } from './http-client.js';
import { startRedisLayers, type TestRedisLayers } from './redis-servers.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';

const ADMIN_KEY = 'shop-of-a-test-admin-key';

/** The whole shop on servers of its own, listening on a free port. */
export interface Shop {
  readonly app: NestFastifyApplication;
  readonly url: string;
  readonly http: HttpClient;
  /** The same server, as an administrator with every scope. */
  readonly admin: HttpClient;
  readonly database: TestDatabase;
  readonly redis: TestRedisLayers;
  /** Stops the shop and deletes its servers; for `afterAll`. */
  close(): Promise<void>;
}

/** One more process of a shop. */
export interface ShopProcess {
  readonly app: NestFastifyApplication;
  readonly http: HttpClient;
  /** The same process, as an administrator with every scope. */
  readonly admin: HttpClient;
  close(): Promise<void>;
}

/** @param env settings beside those of the servers */
export async function startShop(env: Environment = {}): Promise<Shop> {
  const [database, redis] = await Promise.all([createTestDatabase(), startRedisLayers()]);
  const { app, url, http, admin } = await startProcess({ database, redis }, env);
  return {
    app,
    url,
    http,
    admin,
    database,
    redis,
    async close() {
      await app.close();
      await Promise.all([database.drop(), redis.remove()]);
    },
  };
}

/** Another process on the servers of a shop. Close it before the shop. @param env settings that it has alone */
export async function joinShop(shop: Shop, env: Environment): Promise<ShopProcess> {
  const { app, http, admin } = await startProcess(shop, env);
  return { app, http, admin, close: () => app.close() };
}

async function startProcess({ database, redis }: Pick<Shop, 'database' | 'redis'>, env: Environment) {
  const { operational, application, session } = redis.urls;
  const config = loadConfig({
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    MIGRATE_ON_START: 'false',
    // A process that stood still for a moment has not lost its Redis.
    REDIS_COMMAND_TIMEOUT_MS: '5000',
    DATABASE_URL: database.url,
    REDIS_OPERATIONAL_URL: operational,
    REDIS_APPLICATION_URL: application,
    REDIS_SESSION_URL: session,
    TIERSHOP_ADMIN_KEY: ADMIN_KEY,
    ...env,
  });
  const app = await createApp(config);
  await app.listen(0, '127.0.0.1');
  const url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
  const http = new HttpClient(url);
  return { app, url, http, admin: http.with({ authorization: `Bearer ${ADMIN_KEY}` }) };
}

// An application of some modules for the specs of a file, on servers of its own, opened before its tests and closed after
// them.
import { afterAll, beforeAll } from '@jest/globals';
import type { DynamicModule, Type } from '@nestjs/common';
import type { Environment } from '../../src/platform/config.js';
import { type ModuleApp, startModules } from './module-app.js';
import { startRedisLayers, type TestRedisLayers } from './redis-servers.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';

export let database: TestDatabase;
export let redis: TestRedisLayers;
export let shop: ModuleApp;

/** @param env settings beside those of the servers */
export function useModules(modules: (Type | DynamicModule)[], env: Environment = {}): void {
  beforeAll(async () => {
    [database, redis] = await Promise.all([createTestDatabase(), startRedisLayers()]);
    shop = await startModules(modules, { database, redis }, env);
  });
  afterAll(async () => {
    await shop?.close();
    await Promise.all([redis?.remove(), database?.drop()]);
  });
}

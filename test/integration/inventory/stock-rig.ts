// Servers for the specs of a file and processes of a shop on them, opened before the tests and closed after them.
import { afterAll, beforeAll } from '@jest/globals';
import type { RedisSettings } from '../../../local/servers/redis-layers.ts';
import { InventoryModule } from '../../../src/inventory/index.js';
import type { Environment } from '../../../src/platform/config.js';
import { type ModuleApp, startModules } from '../../support/module-app.js';
import { startRedis, type TestRedis } from '../../support/redis-servers.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { type StockProcess, type StockProcessOptions, startStockProcess } from './stock-process.js';

interface ShopOptions {
  readonly env?: Environment;
  readonly redis?: Partial<RedisSettings>;
}

export let database: TestDatabase;
export let redis: TestRedis;
/** The process that most is done in. */
export let shop: StockProcess;
/** Another process of the same shop. */
export let other: StockProcess;
/** The same shop over HTTP. */
export let app: ModuleApp;

const open: { close(): Promise<void> }[] = [];

function keep<T extends { close(): Promise<void> }>(opened: T): T {
  open.push(opened);
  return opened;
}

/** A database and one Redis; the specs start their processes themselves. */
export function useStockServers(settings: Partial<RedisSettings> = {}): void {
  beforeAll(async () => {
    [database, redis] = await Promise.all([createTestDatabase(), startRedis(settings)]);
  });
  afterAll(async () => {
    await Promise.all(open.map((opened) => opened.close()));
    await Promise.all([redis?.remove(), database?.drop()]);
  });
}

/** One more process on these servers; whoever starts it closes it. */
export const startShop = (options: StockProcessOptions = {}): Promise<StockProcess> =>
  startStockProcess({ databaseUrl: database.url, redisUrl: redis.url }, options);

/** A process of a shop: `shop`. */
export function useStockProcess({ env = {}, redis: settings = {} }: ShopOptions = {}): void {
  useStockServers(settings);
  beforeAll(async () => {
    shop = keep(await startShop({ env }));
  });
}

/** Two processes of a shop: `shop` and `other`. */
export function useTwoStockProcesses(options: ShopOptions = {}): void {
  useStockProcess(options);
  beforeAll(async () => {
    other = keep(await startShop({ env: options.env ?? {} }));
  });
}

/** A shop as its administrators reach it: `app`, beside `shop`. */
export function useStockAdministration(env: Environment = {}): void {
  useStockProcess();
  beforeAll(async () => {
    app = keep(await startModules([InventoryModule], { database, redis }, env));
  });
}

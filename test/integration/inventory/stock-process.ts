import { Test } from '@nestjs/testing';
import { StockReferences } from '../../../src/inventory/administration/stock-references.service.js';
import { InventoryEpoch } from '../../../src/inventory/epoch/inventory-epoch.service.js';
import {
  INVENTORY_SCRIPTS,
  type InventoryScripts,
  inventoryScripts,
} from '../../../src/inventory/holds/inventory.scripts.js';
import {
  InventoryModule,
  InventoryService,
  Reconciliation,
  StockAdministration,
  StockInspection,
} from '../../../src/inventory/index.js';
import { LevelMirror } from '../../../src/inventory/levels/level-mirror.service.js';
import type { Environment } from '../../../src/platform/config.js';
import { Database } from '../../../src/platform/database/database.js';
import { HotReads } from '../../../src/platform/http/hot-reads.js';
import { loadConfig } from '../../../src/platform/load-config.js';
import { createLogger } from '../../../src/platform/logging.js';
import { Metrics } from '../../../src/platform/metrics.js';
import { PlatformModule } from '../../../src/platform/platform.module.js';
import { RedisLayers } from '../../../src/platform/redis/redis-layers.js';
import { StockIntake } from '../../../src/platform/stock-intake.js';
import { eventually } from '../../support/eventually.js';

export interface Servers {
  readonly databaseUrl: string;
  readonly redisUrl: string;
}

/** One process of the shop, with its inventory alone and nothing running by itself. */
export type StockProcess = Awaited<ReturnType<typeof startStockProcess>>;

export interface StockProcessOptions {
  readonly scripts?: InventoryScripts;
  readonly env?: Environment;
}

export async function startStockProcess(
  servers: Servers,
  { scripts = inventoryScripts, env = {} }: StockProcessOptions = {},
) {
  const config = loadConfig({
    NODE_ENV: 'test',
    ROLE: 'api',
    LOG_LEVEL: 'silent',
    // A process that stood still for a moment has not lost its Redis.
    REDIS_COMMAND_TIMEOUT_MS: '5000',
    DATABASE_URL: servers.databaseUrl,
    REDIS_URL: servers.redisUrl,
    ...env,
  });
  const parts = { logger: createLogger(config), metrics: new Metrics(), hotReads: new HotReads() };
  const module = await Test.createTestingModule({ imports: [PlatformModule.forRoot(config, parts), InventoryModule] })
    .overrideProvider(INVENTORY_SCRIPTS)
    .useValue(scripts)
    .compile();
  await module.init();
  const layers = module.get(RedisLayers);
  const epoch = module.get(InventoryEpoch);
  await eventually(() => {
    if (!layers.isUp('operational')) throw new Error('Redis is not up yet');
  });
  await epoch.verify();
  return {
    inventory: module.get(InventoryService),
    administration: module.get(StockAdministration),
    references: module.get(StockReferences),
    inspection: module.get(StockInspection),
    reconciliation: module.get(Reconciliation),
    intake: module.get(StockIntake),
    mirror: module.get(LevelMirror),
    database: module.get(Database),
    epoch,
    layers,
    redis: layers.client('operational'),
    /** What a broken connection makes a process forget. */
    forget: () => epoch.forget(),
    get: module.get.bind(module) as typeof module.get,
    close: () => module.close(),
  };
}

import type { Type } from '@nestjs/common';
import pg from 'pg';
import { CacheModule } from '../../src/cache/index.js';
import { CatalogModule } from '../../src/catalog/index.js';
import { InventoryModule } from '../../src/inventory/index.js';
import type { Environment } from '../../src/platform/config.js';
import { OutboxRelay } from '../../src/platform/outbox/outbox-relay.js';
import { eventually } from './eventually.js';
import { type ModuleApp, startModules } from './module-app.js';
import { startRedisLayers } from './redis-servers.js';
import { createTestDatabase } from './test-database.js';

/** The report of an import, as a test reads it. */
export interface ImportJobBody {
  readonly id: string;
  readonly state: 'running' | 'done' | 'failed';
  readonly error: string | null;
  readonly readBytes: number;
  readonly totalBytes: number;
  readonly report: {
    readonly rows: number;
    readonly skipped: number;
    readonly products: { readonly created: number; readonly updated: number; readonly unchanged: number };
    readonly variants: number;
    readonly images: number;
    readonly problemCount: number;
    readonly problems: readonly { line: number; handle: string | null; column?: string; code: string; text: string }[];
    readonly unknownColumns: readonly string[];
  };
}

export interface TestCatalog extends ModuleApp {
  /** PostgreSQL, past the application. */
  readonly sql: pg.Pool;
  /** Delivers what waits in the outbox. The relay does not run by itself here. */
  deliver(): Promise<void>;
  /** Removes all products, collections and stock, and tells the caches. */
  empty(): Promise<void>;
  /** Imports a CSV text through the API and waits for its end, whichever it is. */
  importCsv(csv: string | Buffer): Promise<ImportJobBody>;
}

/** Catalogue, cache and inventory, with other modules if need be, on servers of their own. */
export async function startCatalog(env: Environment = {}, others: readonly Type[] = []): Promise<TestCatalog> {
  const [database, redis] = await Promise.all([createTestDatabase(), startRedisLayers()]);
  const modules = [CacheModule.forRoot(), InventoryModule, CatalogModule, ...others];
  const shop = await startModules(modules, { database, redis }, env);
  const sql = new pg.Pool({ connectionString: database.url, max: 4 });
  sql.on('error', () => {});
  const relay = shop.app.get(OutboxRelay);
  const deliver = async () => {
    while ((await relay.deliverDue()) > 0);
  };
  return {
    ...shop,
    sql,
    deliver,
    async empty() {
      await sql.query('TRUNCATE products, collections, inventory_levels, stock_movements, outbox CASCADE');
      await sql.query(`INSERT INTO outbox (event, payload) VALUES ('catalog.changed', '{"tags":["catalog:all"]}')`);
      await deliver();
    },
    async importCsv(csv) {
      const headers = { 'content-type': 'text/csv' };
      const started = await shop.admin.post<ImportJobBody>('/v1/admin/imports', Buffer.from(csv), { headers });
      if (started.status !== 202) throw new Error(`The import was not taken: ${JSON.stringify(started.body)}`);
      return eventually(async () => {
        const { body } = await shop.admin.get<ImportJobBody>(`/v1/admin/imports/${started.body.id}`);
        if (body.state === 'running') throw new Error('The import is still running');
        return body;
      }, 60_000);
    },
    async close() {
      await sql.end();
      await shop.close();
      await Promise.all([database.drop(), redis.remove()]);
    },
  };
}

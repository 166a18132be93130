// The shop is restarted with another setting that its cached documents depend on; redis keeps what it has.
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { CacheModule } from '../../../src/cache/index.js';
import { CatalogModule } from '../../../src/catalog/index.js';
import { InventoryModule } from '../../../src/inventory/index.js';
import { newId } from '../../../src/platform/ids.js';
import { startModules } from '../../support/module-app.js';
import { startRedisLayers, type TestRedisLayers } from '../../support/redis-servers.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

interface Product {
  readonly priceRange: { readonly min: { readonly currency: string } };
  readonly variants: readonly { readonly price: { readonly amount: number; readonly currency: string } }[];
}

let database: TestDatabase;
let redis: TestRedisLayers;

beforeAll(async () => {
  [database, redis] = await Promise.all([createTestDatabase(), startRedisLayers()]);
});

afterAll(() => Promise.all([database?.drop(), redis?.remove()]));

async function insertProduct(): Promise<void> {
  const [product, variant] = [newId(), newId()];
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query("INSERT INTO products (id, handle, title, status) VALUES ($1, 'a', 'A', 'published')", [product]);
  await client.query(
    "INSERT INTO variants (id, product_id, position, title, option_values) VALUES ($1, $2, 1, 'x', '{x}')",
    [variant, product],
  );
  await client.query("INSERT INTO variant_prices VALUES ($1, 'USD', 1000, NULL), ($1, 'EUR', 900, NULL)", [variant]);
  await client.end();
}

/** What a shop that was just started answers, and which tier it had it from. */
async function readIn(currency: string) {
  const modules = [CacheModule.forRoot(), InventoryModule, CatalogModule];
  const shop = await startModules(modules, { database, redis }, { DEFAULT_CURRENCY: currency });
  try {
    const { body, headers } = await shop.http.get<Product>('/v1/products/a');
    return {
      price: body.variants[0]?.price,
      rangeIn: body.priceRange.min.currency,
      tier: /detail=(\w+)/.exec(headers.get('cache-status') ?? '')?.[1],
    };
  } finally {
    await shop.close();
  }
}

it('a product has its price in the default currency of now, and is loaded anew for another one only', async () => {
  await insertProduct();
  const inUsd = { price: { amount: 1000, currency: 'USD' }, rangeIn: 'USD' };
  const inEur = { price: { amount: 900, currency: 'EUR' }, rangeIn: 'EUR' };
  expect(await readIn('USD')).toEqual({ ...inUsd, tier: 'origin' });
  expect(await readIn('USD')).toEqual({ ...inUsd, tier: 'redis' });
  expect(await readIn('EUR')).toEqual({ ...inEur, tier: 'origin' });
  expect(await readIn('EUR')).toEqual({ ...inEur, tier: 'redis' });
}, 60_000);

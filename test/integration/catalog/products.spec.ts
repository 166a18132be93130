import { beforeEach, describe, expect, it } from '@jest/globals';
import { WarmUps } from '../../../src/cache/index.js';
import { CatalogService } from '../../../src/catalog/index.js';
import { Database } from '../../../src/platform/database/database.js';
import { newId } from '../../../src/platform/ids.js';
import {
  CATALOG,
  change,
  fromMemory,
  get,
  HEADER,
  handles,
  idOf,
  type Page,
  shop,
  tierOf,
  useCatalog,
} from './catalog-rig.js';

useCatalog();

describe('a product', () => {
  beforeEach(async () => {
    await shop.importCsv(CATALOG);
  });

  it('is found by handle and by id, comes from memory the second time, and is not sent again to who has it', async () => {
    const id = await idOf('linen-shirt');
    const first = await get<{ id: string }>('/v1/products/linen-shirt');
    expect([first.status, first.body.id, tierOf(first)]).toEqual([200, id, 'origin']);
    const second = await fromMemory('/v1/products/linen-shirt');
    expect([second.status, second.body]).toEqual([200, first.body]);
    const byId = await get(`/v1/products/${id.toUpperCase()}`);
    expect([tierOf(byId), byId.headers.get('etag')]).toEqual(['memory', first.headers.get('etag')]);
    const unchanged = await get('/v1/products/linen-shirt', { 'if-none-match': first.headers.get('etag') ?? '' });
    expect([unchanged.status, unchanged.body]).toEqual([304, undefined]);
    expect(first.headers.get('cache-control')).toMatch(/s-maxage=\d+/);
    expect((await get('/v1/products?sort=title')).headers.get('etag')).toBeTruthy();
    await fromMemory('/v1/products?sort=title');
    expect(tierOf(await get('/v1/products?collection=table'))).toBe('origin');
    await fromMemory('/v1/products?collection=table');
    for (const missing of ['nothing', newId(), 'draft', await idOf('draft'), '..%2F..']) {
      expect([missing, (await get(`/v1/products/${missing}`)).status]).toEqual([missing, 404]);
    }
  });

  it('is shown as it is after any change made with plain SQL', async () => {
    const id = await idOf('linen-shirt');
    type Body = Record<string, never> & { title: string; version: number; variants: { price: { amount: number } }[] };
    const read = async () => (await get<Body>('/v1/products/linen-shirt')).body;
    const before = await read();
    await change("UPDATE products SET title = 'Shirt of Linen' WHERE id = $1", [id]);
    expect(await read()).toMatchObject({ title: 'Shirt of Linen', version: before.version + 1 });
    await change(
      "UPDATE variant_prices p SET amount_minor = 4100 FROM variants v WHERE v.id = p.variant_id AND v.sku = 'LS-S' AND currency = 'USD'",
    );
    expect(await read()).toMatchObject({
      priceRange: { min: { amount: 4100 } },
      variants: [{ price: { amount: 4100 } }, { price: { amount: 4400 } }],
      version: before.version + 2,
    });
    await change("UPDATE variants SET retired_at = now() WHERE sku = 'LS-S'");
    expect((await read()).variants).toHaveLength(1);
    await change('DELETE FROM product_images WHERE product_id = $1 AND position = 1', [id]);
    expect(await read()).toMatchObject({ images: [{ url: 'https://x.example/2.jpg' }] });
    await change("UPDATE collections SET title = 'Things to Wear' WHERE handle = 'clothes'");
    expect(await read()).toMatchObject({ collections: [{ handle: 'clothes', title: 'Things to Wear' }] });
    await change('DELETE FROM collection_products WHERE product_id = $1', [id]);
    expect(await read()).toMatchObject({ collections: [] });

    expect((await get('/v1/products/renamed')).status).toBe(404);
    await change("UPDATE products SET handle = 'renamed' WHERE id = $1", [id]);
    expect((await get('/v1/products/linen-shirt')).status).toBe(404);
    expect((await get('/v1/products/renamed')).status).toBe(200);
    await change("UPDATE products SET status = 'draft' WHERE id = $1", [id]);
    expect((await get('/v1/products/renamed')).status).toBe(404);
    await change("UPDATE products SET status = 'published' WHERE id = $1", [id]);
    expect((await get(`/v1/products/${id}`)).status).toBe(200);
    await change('DELETE FROM products WHERE id = $1', [id]);
    expect((await get(`/v1/products/${id}`)).status).toBe(404);
  });

  it('is old without the trigger that tells of the change', async () => {
    const read = async () => (await get<{ priceRange: { min: { amount: number } } }>('/v1/products/clay-mug')).body;
    const old = await read();
    await shop.sql.query('ALTER TABLE variant_prices DISABLE TRIGGER USER');
    try {
      await change('UPDATE variant_prices SET amount_minor = amount_minor + 1');
      expect(await read()).toEqual(old);
    } finally {
      await shop.sql.query('ALTER TABLE variant_prices ENABLE TRIGGER USER');
    }
    await change('UPDATE variant_prices SET amount_minor = amount_minor + 1');
    expect((await read()).priceRange.min.amount).toBe(1202);
  });

  it('takes every list that shows it along', async () => {
    const lists = [
      '/v1/products?sort=title',
      '/v1/products?q=mug',
      '/v1/collections/table/products',
      '/v1/products?collection=table',
    ];
    const titles = async (path: string) => (await get<Page>(path)).body.items.map((item) => item.title);
    for (const path of lists) expect([path, await titles(path)]).toEqual([path, expect.arrayContaining(['Clay Mug'])]);
    await change("UPDATE products SET title = 'Porcelain Mug' WHERE handle = 'clay-mug'");
    for (const path of lists) {
      const now = await titles(path);
      expect([path, now.includes('Clay Mug'), now.includes('Porcelain Mug')]).toEqual([path, false, true]);
    }
    await change("INSERT INTO collections (id, handle, title) VALUES (gen_random_uuid(), 'sale', 'Sale')");
    expect(await titles('/v1/collections')).toEqual(['Clothes', 'Sale', 'Table']);
    expect(await titles('/v1/collections/sale/products')).toEqual([]);
    await change(
      "INSERT INTO collection_products SELECT c.id, p.id, 1 FROM collections c, products p WHERE c.handle = 'sale' AND p.handle = 'old-lamp'",
    );
    expect(await titles('/v1/collections/sale/products')).toEqual(['Old Lamp']);
    await change("UPDATE products SET status = 'published' WHERE handle = 'draft'");
    expect(await handles('q=draft')).toEqual(['draft']);
    // An import has made its changes void when it ends, without the outbox.
    await shop.importCsv(`${HEADER}old-lamp,Older Lamp,,,,,,,5,,,,true,\n`);
    expect(await titles('/v1/collections/sale/products')).toEqual(['Older Lamp']);
  });
});

describe('the catalogue, for other modules', () => {
  it('tells what is offered, cached and as PostgreSQL has it', async () => {
    await shop.importCsv(CATALOG);
    const catalog = shop.app.get(CatalogService, { strict: false });
    const database = shop.app.get(Database);
    const { rows } = await shop.sql.query('SELECT id, sku FROM variants');
    const idBySku = new Map<string, string>(rows.map((row) => [row.sku, row.id]));
    const id = (sku: string) => idBySku.get(sku) ?? '';
    const unknown = newId();
    const ids = [id('LS-M'), id('CM'), id('OL'), id('DM'), unknown, id('CM')];
    const offers = await catalog.offers([...ids, 'no id']);
    expect([...offers.keys()].sort()).toEqual([id('LS-M'), id('CM'), id('OL')].sort());
    expect(offers.get(id('LS-M'))).toEqual({
      variantId: id('LS-M'),
      productId: await idOf('linen-shirt'),
      handle: 'linen-shirt',
      sku: 'LS-M',
      title: 'M',
      productTitle: 'Linen Shirt',
      imageUrl: 'https://x.example/1.jpg',
      prices: {
        EUR: { amountMinor: 4000, compareAtMinor: null },
        USD: { amountMinor: 4400, compareAtMinor: null },
      },
      taxable: true,
      requiresShipping: true,
      forSale: true,
    });
    expect(offers.get(id('CM'))?.title).toBe('');
    expect(offers.get(id('OL'))).toMatchObject({ prices: {}, forSale: false });
    const atOrigin = (some: string[]) => database.transaction((tx) => catalog.offersAtOrigin(tx, some));
    expect(await atOrigin(ids)).toEqual(offers);

    // The order's price is the one of its own transaction; the cache follows when the change is told.
    await shop.sql.query("UPDATE variant_prices SET amount_minor = 1 WHERE currency = 'USD'");
    expect((await atOrigin(ids)).get(id('CM'))?.prices.USD?.amountMinor).toBe(1);
    expect((await catalog.offers(ids)).get(id('CM'))?.prices.USD?.amountMinor).toBe(1200);
    await shop.deliver();
    expect((await catalog.offers(ids)).get(id('CM'))?.prices.USD?.amountMinor).toBe(1);
    await change("UPDATE products SET status = 'published' WHERE handle = 'draft'");
    await change("UPDATE variants SET retired_at = now() WHERE sku = 'CM'");
    expect([...(await catalog.offers(ids)).keys()].sort()).toEqual([id('LS-M'), id('OL'), id('DM')].sort());
    expect((await catalog.offers(ids)).size).toBe((await atOrigin(ids)).size);
    expect(await catalog.offers([])).toEqual(new Map());

    expect(await catalog.variantIdsOf('linen-shirt')).toEqual([id('LS-S'), id('LS-M')]);
    expect(await catalog.variantIdsOf(await idOf('linen-shirt'))).toEqual([id('LS-S'), id('LS-M')]);
    expect(await catalog.variantIdsOf('clay-mug')).toEqual([]);
    expect(await catalog.variantIdsOf('nothing')).toBeUndefined();
    expect(await catalog.productCount()).toBe(6);
    expect(await catalog.someVariantIds(2)).toHaveLength(2);
  });

  it('is warmed before anybody asks', async () => {
    await shop.importCsv(CATALOG);
    const warmUps = shop.app.get(WarmUps, { strict: false });
    expect(await warmUps.run('product')).toMatchObject({ state: 'done', done: 10, failed: 0 });
    expect(await warmUps.run('productList')).toMatchObject({ state: 'done', failed: 0 });
    for (const path of ['/v1/products/clay-mug', '/v1/products', '/v1/products?sort=price']) {
      expect([path, tierOf(await get(path))]).toEqual([path, 'memory']);
    }
  });
});

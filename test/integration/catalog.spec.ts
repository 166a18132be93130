import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { WarmUps } from '../../src/cache/index.js';
import { CatalogService } from '../../src/catalog/index.js';
import { Database } from '../../src/platform/database/database.js';
import { newId } from '../../src/platform/ids.js';
import { startCatalog, type TestCatalog } from '../support/catalog.js';
import type { HttpAnswer } from '../support/http-client.js';
import { createRandom } from '../support/random.js';

let shop: TestCatalog;

beforeAll(async () => {
  shop = await startCatalog();
});

afterAll(async () => {
  await shop?.close();
});

beforeEach(async () => {
  await shop.sql.query('TRUNCATE products, collections, outbox CASCADE');
  await shop.sql.query(
    'INSERT INTO outbox (event, payload) VALUES (\'catalog.changed\', \'{"tags":["catalog:all"]}\')',
  );
  await shop.deliver();
});

interface Page {
  items: { id: string; handle: string; title: string; [more: string]: unknown }[];
  nextCursor: string | null;
}
interface Problem {
  code: string;
  errors?: { field: string; code: string }[];
}

const HEADER =
  'Handle,Title,Vendor,Type,Tags,Option1 Name,Option1 Value,Variant SKU,Variant Price,Price (EUR),Variant Inventory Qty,Collection,Published,Image Src\n';
/** A small shop: prices, words and collections that the tests below know. */
const CATALOG = `${HEADER}${[
  'linen-shirt,Linen Shirt,Loom,Clothing,"summer, linen",Size,S,LS-S,40,36,3,Clothes,true,https://x.example/1.jpg',
  'linen-shirt,,,,,,M,LS-M,44,40,3,,,https://x.example/2.jpg',
  'wool-scarf,Wool Scarf,Loom,Clothing,winter,,,WS,25,,3,Clothes,true,',
  'clay-mug,Clay Mug,Kiln,Kitchen,gift,,,CM,12,10,3,Table,true,',
  'linen-towel,Linen Towel,Loom,Kitchen,"linen, gift",,,LT,15,13,3,Table,true,',
  'old-lamp,Old Lamp,Kiln,Home,,,,OL,,,3,,true,',
  'draft,Draft of a Mug,Kiln,Kitchen,gift,,,DM,5,5,3,Table,false,',
].join('\n')}\n`;

const get = <Body>(path: string, headers: Record<string, string> = {}) => shop.http.get<Body>(path, { headers });
const handles = async (query: string) => {
  const { status, body } = await get<Page>(`/v1/products?${query}`);
  expect([query, status]).toEqual([query, 200]);
  return body.items.map((item) => item.handle);
};
const tierOf = (answer: HttpAnswer<unknown>) => /detail=(\w+)/.exec(answer.headers.get('cache-status') ?? '')?.[1];
const idOf = async (handle: string): Promise<string> =>
  (await shop.sql.query('SELECT id FROM products WHERE handle = $1', [handle])).rows[0]?.id;
const change = async (text: string, values: unknown[] = []) => {
  await shop.sql.query(text, values);
  await shop.deliver();
};

describe('lists of products', () => {
  beforeEach(async () => {
    expect((await shop.importCsv(CATALOG)).report).toMatchObject({ products: { created: 6 } });
  });

  it('filter by word, vendor, type, tag, collection and price', async () => {
    const cases: [string, string[]][] = [
      ['sort=title', ['clay-mug', 'linen-shirt', 'linen-towel', 'old-lamp', 'wool-scarf']],
      ['sort=title&vendor=Loom', ['linen-shirt', 'linen-towel', 'wool-scarf']],
      ['sort=title&type=Kitchen', ['clay-mug', 'linen-towel']],
      ['sort=title&tag=gift', ['clay-mug', 'linen-towel']],
      ['sort=title&tag=gift&vendor=Kiln', ['clay-mug']],
      ['sort=title&q=linen', ['linen-shirt', 'linen-towel']],
      ['sort=title&q=LINEN+shirt', ['linen-shirt']],
      ['sort=title&q=%22linen+towel%22+or+lamp', ['linen-towel', 'old-lamp']],
      ['sort=title&q=linen+-towel', ['linen-shirt']],
      ['sort=title&q=%26%7C%21%28%29%3A*%27', []],
      ['sort=title&collection=clothes', ['linen-shirt', 'wool-scarf']],
      ['collection=nothing', []],
      ['vendor=loom', []],
      ['sort=price', ['clay-mug', 'linen-towel', 'wool-scarf', 'linen-shirt']],
      ['sort=-price', ['linen-shirt', 'wool-scarf', 'linen-towel', 'clay-mug']],
      ['sort=price&currency=EUR', ['clay-mug', 'linen-towel', 'linen-shirt']],
      ['sort=price&minPrice=1500&maxPrice=4000', ['linen-towel', 'wool-scarf', 'linen-shirt']],
      ['sort=price&minPrice=4100', ['linen-shirt']],
      ['sort=title&maxPrice=1000&currency=EUR', ['clay-mug']],
      ['sort=title&currency=JPY&minPrice=0', []],
    ];
    for (const [query, expected] of cases) expect([query, await handles(query)]).toEqual([query, expected]);
  });

  it('show what a card needs, in the currency of the list', async () => {
    const { body } = await get<Page>('/v1/products?currency=EUR&sort=title&q=linen+shirt');
    expect(body).toEqual({
      items: [
        {
          id: await idOf('linen-shirt'),
          handle: 'linen-shirt',
          title: 'Linen Shirt',
          vendor: 'Loom',
          type: 'Clothing',
          tags: ['summer', 'linen'],
          image: { url: 'https://x.example/1.jpg', alt: null },
          priceRange: { min: { amount: 3600, currency: 'EUR' }, max: { amount: 4000, currency: 'EUR' } },
          createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
        },
      ],
      nextCursor: null,
    });
    expect((await get<Page>('/v1/products?q=lamp')).body.items[0]).toMatchObject({ priceRange: null, image: null });
  });

  it('list collections and what is in them, in their own order', async () => {
    const { body } = await get<Page>('/v1/collections');
    expect(body.items.map((item) => item.handle)).toEqual(['clothes', 'table']);
    const first = await get<Page>('/v1/collections?limit=1');
    const second = await get<Page>(`/v1/collections?limit=1&cursor=${first.body.nextCursor}`);
    expect([first, second].map((page) => page.body.items[0]?.handle)).toEqual(['clothes', 'table']);
    expect(second.body.nextCursor).toBeNull();
    expect((await get('/v1/collections/table')).body).toMatchObject({
      handle: 'table',
      title: 'Table',
      descriptionHtml: '',
    });
    const products = await get<Page>('/v1/collections/table/products');
    expect(products.body.items.map((item) => item.handle)).toEqual(['clay-mug', 'linen-towel']);
    expect((await get<Page>('/v1/collections/table/products?sort=-price&vendor=Loom')).body.items).toHaveLength(1);
    expect((await get('/v1/collections/none')).status).toBe(404);
    expect((await get('/v1/collections/none/products')).status).toBe(404);
  });

  it('answer for handles of any script, from every tier', async () => {
    await shop.importCsv('Handle,Title,Variant Price,Published,Collection\n湯呑み,湯呑み,12,true,日本の crème\n');
    await shop.deliver();
    for (const path of ['collections/日本の-crème', 'collections/日本の-crème/products', 'products/湯呑み']) {
      for (const tier of ['origin', 'memory']) {
        const answer = await get(`/v1/${encodeURI(path)}`);
        expect([path, answer.status, tierOf(answer)]).toEqual([path, 200, tier]);
      }
    }
    const { headers } = await get(`/v1/collections/${encodeURIComponent('日本の-crème')}`);
    expect(headers.get('cache-tag')).toContain('collection-handle:%E6%97%A5%E6%9C%AC%E3%81%AE-cr%C3%A8me');
  });

  it('refuse what they do not know, by name, and write nothing', async () => {
    const cases: [string, string][] = [
      ['products?limit=0', 'limit'],
      ['products?limit=101', 'limit'],
      ['products?limit=x', 'limit'],
      ['products?cursor=abc', 'cursor'],
      ['products?inStock=true', 'inStock'],
      ['products?facets=true', 'facets'],
      ['products?sort=relevance', 'sort'],
      ['products?sort=position', 'sort'],
      ['products?minPrice=-1', 'minPrice'],
      ['products?minPrice=1.5', 'minPrice'],
      ['products?maxPrice=99999999999999999999', 'maxPrice'],
      ['products?minPrice=5&maxPrice=4', 'maxPrice'],
      ['products?currency=XXQ', 'currency'],
      ['products?q=', 'q'],
      [`products?q=${'x'.repeat(201)}`, 'q'],
      ['products?q=a%00b', 'q'],
      ['products?tag=a&tag=b', 'tag'],
      [`products?q=${encodeURIComponent('ü€😀'.repeat(60))}&vendor=${encodeURIComponent('ü'.repeat(200))}`, 'query'],
      ['products/linen-shirt?currency=EUR', 'currency'],
      ['products/%00', 'idOrHandle'],
      [`products/${'x'.repeat(256)}`, 'idOrHandle'],
      ['collections?sort=title', 'sort'],
      ['collections?cursor=e30', 'cursor'],
      ['collections/table?x=1', 'x'],
      ['collections/table/products?collection=clothes', 'collection'],
      ['collections/table/products?sort=relevance', 'sort'],
      ['collections/%00/products', 'handle'],
    ];
    for (const [path, field] of cases) {
      const { status, body } = await get<Problem>(`/v1/${path}`);
      expect([path, status, body.code]).toEqual([path, 400, 'validation_failed']);
      expect([path, body.errors?.map((error) => error.field)]).toEqual([path, expect.arrayContaining([field])]);
    }
    const { body } = await get<Page>('/v1/products?limit=1');
    for (const other of ['title', 'price']) {
      expect((await get(`/v1/products?sort=${other}&cursor=${body.nextCursor}`)).status).toBe(400);
    }
    expect((await shop.http.post('/v1/products', {})).status).toBe(404);
  });
});

describe('pages', () => {
  it('hold every product that was there once, whatever is put in meanwhile, in every order', async () => {
    const random = createRandom('catalog pages');
    const titles = ['Same Title', 'same title', 'T1', 'T2', 'T3', 'Über', 'z'.repeat(80)];
    const insert = async (first: number, last: number) => {
      for (let n = first; n <= last; n++) {
        const [product, variant, price] = [newId(), newId(), random.integer(1, 4)];
        await shop.sql.query(
          `WITH p AS (INSERT INTO products (id, handle, title, status) VALUES ($1, $3, $4, 'published') RETURNING id),
           v AS (INSERT INTO variants (id, product_id, position, title, option_values)
                 SELECT $2, id, 1, 'x', '{x}' FROM p RETURNING id),
           c AS (INSERT INTO collection_products SELECT collections.id, p.id, $5 FROM collections, p)
           INSERT INTO variant_prices SELECT id, currency, $6, NULL FROM v, unnest(ARRAY['USD', 'EUR']) AS currency`,
          [product, variant, `p${n}`, random.pick(titles), random.integer(1, 9), price],
        );
      }
    };
    await shop.sql.query("INSERT INTO collections (id, handle, title) VALUES (gen_random_uuid(), 'all', 'All')");
    await insert(0, 59);
    await shop.deliver();
    let next = 60;
    for (const path of [
      ...['newest', 'price', '-price', 'title'].map((sort) => `/v1/products?sort=${sort}`),
      '/v1/products?sort=price&currency=EUR&minPrice=1',
      '/v1/collections/all/products?sort=position',
    ]) {
      const before = new Set((await shop.sql.query('SELECT handle FROM products')).rows.map((row) => row.handle));
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const query: string = `&limit=7${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`;
        const { body }: { body: Page } = await get<Page>(path + query);
        expect(body.items.length).toBeLessThanOrEqual(7);
        seen.push(...body.items.map((item) => item.handle));
        cursor = body.nextCursor;
        await insert(next, next + 1);
        next += 2;
      } while (cursor);
      expect(new Set(seen).size).toBe(seen.length);
      const missed = [...before].filter((handle) => !seen.includes(handle));
      expect([path, missed.length]).toEqual([path, 0]);
    }
  });
});

describe('a product', () => {
  beforeEach(async () => {
    await shop.importCsv(CATALOG);
  });

  it('is found by handle and by id, comes from memory the second time, and is not sent again to who has it', async () => {
    const id = await idOf('linen-shirt');
    const first = await get<{ id: string }>('/v1/products/linen-shirt');
    expect([first.status, first.body.id, tierOf(first)]).toEqual([200, id, 'origin']);
    const second = await get('/v1/products/linen-shirt');
    expect([second.status, tierOf(second)]).toEqual([200, 'memory']);
    expect(second.body).toEqual(first.body);
    const byId = await get(`/v1/products/${id.toUpperCase()}`);
    expect([tierOf(byId), byId.headers.get('etag')]).toEqual(['memory', first.headers.get('etag')]);
    const unchanged = await get('/v1/products/linen-shirt', { 'if-none-match': first.headers.get('etag') ?? '' });
    expect([unchanged.status, unchanged.body]).toEqual([304, undefined]);
    expect(first.headers.get('cache-control')).toMatch(/s-maxage=\d+/);
    expect((await get('/v1/products?sort=title')).headers.get('etag')).toBeTruthy();
    expect(tierOf(await get('/v1/products?sort=title'))).toBe('memory');
    expect(tierOf(await get('/v1/products?collection=table'))).toBe('origin');
    expect(tierOf(await get('/v1/products?collection=table'))).toBe('memory');
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

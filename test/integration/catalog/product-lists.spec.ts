import { beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '../../../src/platform/ids.js';
import { createRandom } from '../../support/random.js';
import {
  CATALOG,
  fromMemory,
  get,
  handles,
  idOf,
  type Page,
  type Problem,
  shop,
  tierOf,
  useCatalog,
} from './catalog-rig.js';

useCatalog();

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
      const first = await get(`/v1/${encodeURI(path)}`);
      expect([path, first.status, tierOf(first)]).toEqual([path, 200, 'origin']);
      const second = await fromMemory(`/v1/${encodeURI(path)}`);
      expect([path, second.status]).toEqual([path, 200]);
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
    expect((await shop.http.post('/v1/products', {})).status).toBe(405);
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

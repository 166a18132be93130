// Changes of rows reach the cached documents that are declared to show them, and no others; documents carry no tag that
// their policy row does not list; an import drops at once what the triggers will tell the others.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type CategoryName, cacheLimits, cachePolicy, effectOf, TieredCache } from '../../src/cache/index.js';
import { readMessages } from '../../src/cache/invalidation/messages.js';
import { CatalogCache } from '../../src/catalog/catalog-cache.js';
import { catalogDependencies } from '../../src/catalog/catalog-dependencies.js';
import { toCollectionListKey } from '../../src/catalog/collections/collection-document.js';
import { toListKey } from '../../src/catalog/products/product-list-query.js';
import { discountDependencies } from '../../src/discounts/discount-dependencies.js';
import { DiscountsModule } from '../../src/discounts/discounts.module.js';
import { RuleSetCache } from '../../src/discounts/rule-set-cache.js';
import { keyspace } from '../../src/platform/keyspace.js';
import { Metrics } from '../../src/platform/metrics.js';
import { RedisLayers } from '../../src/platform/redis/redis-layers.js';
import { startCatalog, type TestCatalog } from '../support/catalog.js';

const HEADER = 'Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Collection,Published,Image Src\n';
const SHIRT = 'shirt,Shirt,Size,S,SH-S,40,Clothes,true,https://x.example/1.jpg\n';

let shop: TestCatalog;
let cache: TieredCache;

beforeAll(async () => {
  shop = await startCatalog({}, [DiscountsModule]);
  cache = shop.app.get(TieredCache);
});

afterAll(async () => {
  await shop?.close();
});

beforeEach(async () => {
  await shop.sql.query('TRUNCATE products, collections, outbox CASCADE');
  await cache.invalidate({ all: true });
  await shop.importCsv(HEADER + SHIRT);
  await shop.deliver();
});

const one = async (text: string): Promise<string> => (await shop.sql.query(text)).rows[0]?.one;

/** Reads a document of every declared category. @returns the entries in memory, by category */
async function readEverything() {
  const product = await one('SELECT id AS one FROM products');
  const variant = await one('SELECT id AS one FROM variants');
  const collectionId = await one('SELECT id AS one FROM collections');
  const query = { currency: 'USD', sort: 'newest', limit: 20 } as const;
  const {
    product: products,
    productHandle,
    productList,
    collection,
    collectionList,
    variantOffer,
  } = shop.app.get(CatalogCache);
  const lists = [toListKey(query), toListKey({ ...query, collectionId })];
  const pages = [toCollectionListKey({ limit: 20 })];
  await Promise.all([
    products.get(product),
    productHandle.get('shirt'),
    ...lists.map((key) => productList.get(key)),
    collection.get('clothes'),
    ...pages.map((key) => collectionList.get(key)),
    variantOffer.get(variant),
    shop.app.get(RuleSetCache).active(),
  ]);
  const keys: [CategoryName, string[]][] = [
    ['product', [product]],
    ['productHandle', ['shirt']],
    ['productList', lists],
    ['collection', ['clothes']],
    ['collectionList', pages],
    ['variantOffer', [variant]],
    ['activeRuleSet', ['active']],
  ];
  return keys.flatMap(([name, some]) =>
    some.map((key) => {
      const entry = cache.category(name)?.copies.look(key);
      if (!entry) throw new Error(`${name} ${key} is not in memory`);
      return { name, key, entry };
    }),
  );
}

/** One change of each declared table, of rows that the documents above show. */
const changes: [string, string, string[]][] = [
  ['products', "UPDATE products SET title = 'New'", ['product']],
  ['products', "UPDATE products SET handle = 'new'", ['product', 'productHandle']],
  ['product_options', "UPDATE product_options SET name = 'Cut'", ['option']],
  ['product_images', "UPDATE product_images SET alt = 'It'", ['image']],
  ['variants', 'UPDATE variants SET grams = 7', ['variant']],
  ['variant_prices', 'UPDATE variant_prices SET amount_minor = 7', ['price']],
  ['collections', "UPDATE collections SET title = 'New'", ['collection']],
  ['collections', "UPDATE collections SET handle = 'new'", ['collection', 'collectionHandle']],
  ['collection_products', 'UPDATE collection_products SET position = 7', ['membership']],
  ['discount_state', 'UPDATE discount_state SET active_version = 1 - active_version', ['activation']],
];

describe('a change', () => {
  it.each(changes)(
    'of a row of %s makes void the documents that show it, and no others: %s',
    async (_table, text, kinds) => {
      await shop.sql.query(
        `INSERT INTO discount_rule_sets (version, document) VALUES (1, '{"discounts": []}') ON CONFLICT DO NOTHING`,
      );
      const entries = await readEverything();
      await shop.sql.query(text);
      await shop.deliver();
      const hit = entries
        .filter(({ name, key, entry }) => cache.category(name)?.copies.isVoid(key, entry))
        .map(({ name }) => name);
      const declaration = kinds.includes('activation') ? discountDependencies : catalogDependencies;
      const expected = kinds.flatMap((kind) => effectOf(declaration, kind, cachePolicy).categories);
      expect([...new Set(hit)].sort()).toEqual([...new Set(expected)].sort());
    },
  );

  it('is made in every declared table above', () => {
    const kinds = [catalogDependencies.kinds, discountDependencies.kinds].flatMap((some): { table?: string }[] =>
      Object.values(some),
    );
    expect(new Set(changes.map(([table]) => table))).toEqual(new Set(kinds.flatMap(({ table }) => table ?? [])));
  });
});

describe('a document', () => {
  it('carries tags of its policy row only, and always the whole', async () => {
    for (const { name, entry } of await readEverything()) {
      const forms = cachePolicy[name].tags.map((tag) => new RegExp(`^${tag.replace(/<.*>/, '.+')}$`));
      const strange = entry.tags.filter((tag) => !forms.some((form) => form.test(tag)));
      expect([name, strange]).toEqual([name, []]);
      expect(entry.tags).toContain(name === 'activeRuleSet' ? 'discounts:active' : 'catalog:all');
    }
  });

  it('that shows many collections carries one tag for all of them, and each of them makes it void', async () => {
    await shop.sql.query(`
      WITH made AS (INSERT INTO collections (id, handle, title)
        SELECT gen_random_uuid(), 'c' || n, 'C' FROM generate_series(1, 100) n RETURNING id)
      INSERT INTO collection_products SELECT made.id, p.id, 1 FROM made, products p`);
    await shop.deliver();
    const entries = await readEverything();
    const { key, entry } = entries.find(({ name }) => name === 'product')!;
    expect(entry.tags).toEqual(['catalog:all', expect.stringMatching(/^product:/), 'collections']);
    await shop.sql.query("UPDATE collections SET title = 'New' WHERE handle = 'c77'");
    await shop.deliver();
    expect(cache.category('product')?.copies.isVoid(key, entry)).toBe(true);
  });
});

describe('an import', () => {
  /** Tags of every invalidation since the start, newest last. */
  async function published(): Promise<string[][]> {
    const client = shop.app.get(RedisLayers).client('application');
    const reply = await client.xread('COUNT', 10_000, 'STREAMS', keyspace.application.invalidations(), '0');
    return readMessages(reply as [string, [string, string[]][]][] | null).map(({ body }) => [...(body?.tags ?? [])]);
  }

  it('drops at once the very tags that its triggers tell the others', async () => {
    const before = (await published()).length;
    // So that nothing is told yet, and what is dropped was dropped by the import.
    await shop.sql.query("ALTER TABLE outbox ALTER available_at SET DEFAULT now() + interval '1 hour'");
    await shop.importCsv(
      `${HEADER}${SHIRT.replace('40', '41')}cap,Cap,,,CAP,9,Hats,true,\n${SHIRT.replace('Clothes', 'Sale')}`,
    );
    await shop.sql.query('ALTER TABLE outbox ALTER available_at SET DEFAULT now()');
    const dropped = (await published()).slice(before).flat();
    const { rows } = await shop.sql.query("SELECT payload->'tags' AS tags FROM outbox WHERE event = 'catalog.changed'");
    const told = rows.flatMap((row) => row.tags as string[]);
    expect(told.length).toBeGreaterThan(8);
    expect([...new Set(dropped)].sort()).toEqual([...new Set(told)].sort());
  });
});

describe('metrics', () => {
  it('count what was too wide to name, and what nobody declared', async () => {
    const counts = async () => {
      const metrics = await shop.app.get(Metrics).registry.metrics();
      const read = (pattern: RegExp) => Number(pattern.exec(metrics)?.[1]);
      return {
        wide: read(/cache_whole_clears_total\{feature="catalog",told_by="event"\} (\d+)/),
        undeclared: read(/cache_undeclared_tags_total\{feature="catalog"\} (\d+)/),
      };
    };
    const { wide, undeclared } = await counts();
    await shop.sql.query(
      `INSERT INTO products (id, handle, title) SELECT gen_random_uuid(), 'h' || n, 't' FROM generate_series(1, $1::int) n`,
      [cacheLimits.maxTagsOfChange],
    );
    await shop.deliver();
    expect(await counts()).toEqual({ wide: wide + 1, undeclared });
    await shop.sql.query(
      `INSERT INTO outbox (event, payload) VALUES ('catalog.changed', '{"tags": ["bundle:1", "products"]}')`,
    );
    await shop.deliver();
    expect(await counts()).toEqual({ wide: wide + 1, undeclared: undeclared + 1 });
  });
});

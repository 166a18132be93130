// What the triggers of PostgreSQL write for a change is what the declared dependencies say of it: rows of every declared
// table are changed with plain SQL, and the tags of both are compared.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { cacheLimits, cachePolicy } from '../../src/cache/cache-policy.js';
import type { ChangedTags } from '../../src/cache/dependencies/changed-tags.js';
import { Dependencies } from '../../src/cache/dependencies/dependencies.js';
import { type CatalogDependencies, catalogDependencies } from '../../src/catalog/catalog-dependencies.js';
import { discountDependencies } from '../../src/discounts/discount-dependencies.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const declared = new Dependencies<CatalogDependencies>(catalogDependencies, cachePolicy, cacheLimits.maxTagsOfChange);

let database: TestDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 2 });
  pool.on('error', () => {});
});

afterAll(async () => {
  await pool?.end();
  await database?.drop();
});

const id = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
/** Two products with a variant, a price, an option and an image each; the first is in collections `c` and `d`. */
const w = { p: id(1), q: id(2), v: id(3), u: id(4), c: id(5), d: id(6), e: id(7), made: id(8) };

async function writeWorld(): Promise<void> {
  await pool.query('TRUNCATE products, collections CASCADE');
  await pool.query("INSERT INTO products (id, handle, title) VALUES ($1, 'p', 'P'), ($2, 'q', 'Q')", [w.p, w.q]);
  await pool.query('INSERT INTO product_options VALUES ($1, 1, $3), ($2, 1, $3)', [w.p, w.q, 'Size']);
  await pool.query('INSERT INTO product_images VALUES ($1, 1, $3), ($2, 1, $3)', [w.p, w.q, 'https://x.example/1.jpg']);
  await pool.query(
    `INSERT INTO variants (id, product_id, position, title, option_values)
     VALUES ($1, $2, 1, 'x', '{x}'), ($3, $4, 1, 'y', '{y}')`,
    [w.v, w.p, w.u, w.q],
  );
  await pool.query("INSERT INTO variant_prices VALUES ($1, 'USD', 100, NULL), ($2, 'USD', 100, NULL)", [w.v, w.u]);
  await pool.query(
    "INSERT INTO collections (id, handle, title) VALUES ($1, 'c', 'C'), ($2, 'd', 'D'), ($3, 'e', 'E')",
    [w.c, w.d, w.e],
  );
  await pool.query('INSERT INTO collection_products VALUES ($1, $3, 1), ($2, $3, 1)', [w.c, w.d, w.p]);
  await pool.query('DELETE FROM outbox');
}

async function takeTags(): Promise<string[]> {
  const { rows } = await pool.query(
    "DELETE FROM outbox WHERE event = 'catalog.changed' RETURNING payload->'tags' AS tags",
  );
  return [...new Set(rows.flatMap((row) => row.tags as string[]))].sort();
}

type Change = (changes: ChangedTags<CatalogDependencies>) => unknown;

/** What the triggers wrote of a statement beside what is declared of its change. */
async function compare(text: string, change: Change) {
  await pool.query(text);
  const changes = declared.changes();
  change(changes);
  return { written: await takeTags(), declared: [...changes.list()].sort() };
}

const inLists = { product: [w.p], collectionProducts: [w.c, w.d] };
const alone = { product: [w.q], collectionProducts: [] };

/** By table: a statement, and the change that it is. */
const cases: Record<string, [string, Change][]> = {
  products: [
    [
      `INSERT INTO products (id, handle, title) VALUES ('${w.made}', 'made', 'Made')`,
      (it) =>
        it
          .changed('product', { product: [w.made], collectionProducts: [] })
          .changed('productHandle', { productHandle: ['made'] }),
    ],
    [`UPDATE products SET title = 'New' WHERE id = '${w.p}'`, (it) => it.changed('product', inLists)],
    [
      `UPDATE products SET handle = 'other', status = 'published' WHERE id = '${w.q}'`,
      (it) => it.changed('product', alone).changed('productHandle', { productHandle: ['q', 'other'] }),
    ],
    [
      `DELETE FROM products WHERE id = '${w.p}'`,
      (it) => it.changed('product', inLists).changed('productHandle', { productHandle: ['p'] }),
    ],
  ],
  product_options: [
    [`INSERT INTO product_options VALUES ('${w.q}', 2, 'Colour')`, (it) => it.changed('option', alone)],
    [`UPDATE product_options SET name = 'Cut' WHERE product_id = '${w.p}'`, (it) => it.changed('option', inLists)],
    [`DELETE FROM product_options WHERE product_id = '${w.p}'`, (it) => it.changed('option', inLists)],
  ],
  product_images: [
    [`INSERT INTO product_images VALUES ('${w.q}', 2, 'https://x.example/2.jpg')`, (it) => it.changed('image', alone)],
    [`UPDATE product_images SET alt = 'It' WHERE product_id = '${w.p}'`, (it) => it.changed('image', inLists)],
    [`DELETE FROM product_images WHERE product_id = '${w.p}'`, (it) => it.changed('image', inLists)],
  ],
  variants: [
    [
      `INSERT INTO variants (id, product_id, position, title, option_values) VALUES ('${w.made}', '${w.p}', 2, 'z', '{z}')`,
      (it) => it.changed('variant', inLists),
    ],
    [`UPDATE variants SET grams = 5 WHERE id = '${w.v}'`, (it) => it.changed('variant', inLists)],
    [
      `UPDATE variants SET product_id = '${w.q}' WHERE id = '${w.v}'`,
      (it) => it.changed('variant', inLists).changed('variant', alone),
    ],
    [`DELETE FROM variants WHERE id = '${w.v}'`, (it) => it.changed('variant', inLists)],
  ],
  variant_prices: [
    [`INSERT INTO variant_prices VALUES ('${w.u}', 'EUR', 90, NULL)`, (it) => it.changed('price', alone)],
    [`UPDATE variant_prices SET amount_minor = 99 WHERE variant_id = '${w.v}'`, (it) => it.changed('price', inLists)],
    [`DELETE FROM variant_prices WHERE variant_id = '${w.v}'`, (it) => it.changed('price', inLists)],
  ],
  collections: [
    [
      `INSERT INTO collections (id, handle, title) VALUES ('${w.made}', 'made', 'Made')`,
      (it) =>
        it.changed('collection', { collection: [w.made] }).changed('collectionHandle', { collectionHandle: ['made'] }),
    ],
    [
      `UPDATE collections SET title = 'New' WHERE id = '${w.c}'`,
      (it) => it.changed('collection', { collection: [w.c] }),
    ],
    [
      `UPDATE collections SET handle = 'other' WHERE id = '${w.e}'`,
      (it) =>
        it
          .changed('collection', { collection: [w.e] })
          .changed('collectionHandle', { collectionHandle: ['e', 'other'] }),
    ],
    [
      `DELETE FROM collections WHERE id = '${w.c}'`,
      (it) =>
        it
          .changed('collection', { collection: [w.c] })
          .changed('collectionHandle', { collectionHandle: ['c'] })
          .changed('membership', inLists),
    ],
  ],
  collection_products: [
    [
      `INSERT INTO collection_products VALUES ('${w.e}', '${w.q}', 1)`,
      (it) => it.changed('membership', { product: [w.q], collectionProducts: [w.e] }),
    ],
    [
      `UPDATE collection_products SET position = 7 WHERE collection_id = '${w.c}'`,
      (it) => it.changed('membership', inLists),
    ],
    [
      `UPDATE collection_products SET product_id = '${w.q}' WHERE collection_id = '${w.c}'`,
      (it) => it.changed('membership', inLists).changed('membership', { product: [w.q], collectionProducts: [w.c] }),
    ],
    [`DELETE FROM collection_products WHERE collection_id = '${w.c}'`, (it) => it.changed('membership', inLists)],
  ],
};

describe('a row that is changed with plain SQL', () => {
  beforeEach(writeWorld);

  it.each(Object.entries(cases).flatMap(([table, some]) => some.map((one) => [table, ...one] as const)))(
    'of %s drops what is declared: %s',
    async (_table, text, change) => {
      const { written, declared: expected } = await compare(text, change);
      expect(expected.length).toBeGreaterThan(1);
      expect(written).toEqual(expected);
    },
  );

  it('drops the whole when a table is emptied', async () => {
    for (const table of Object.keys(cases)) {
      await pool.query(`TRUNCATE ${table} CASCADE`);
      expect([table, await takeTags()]).toEqual([table, ['catalog:all']]);
      await writeWorld();
    }
  });

  it('is noticed when its trigger forgets what shows it', async () => {
    const [text, change] = cases.collection_products!.at(-1)!;
    const { rows } = await pool.query("SELECT pg_get_functiondef('catalog_memberships_changed'::regproc) AS text");
    const whole = rows[0].text as string;
    const broken = whole.replace(/PERFORM catalog_emit\([^;]*;/, '');
    expect(broken).not.toBe(whole);
    await pool.query(broken);
    try {
      const { written, declared: expected } = await compare(text, change);
      expect(expected.filter((tag) => !written.includes(tag))).toEqual([`collection-products:${w.c}`]);
    } finally {
      await pool.query(whole);
    }
  });
});

describe('the declarations', () => {
  it('name every table whose triggers tell of changes, and each of these tables is changed above', async () => {
    const { rows } = await pool.query(`
      SELECT DISTINCT c.relname AS table FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
      WHERE NOT t.tgisinternal AND p.prosrc ~ 'catalog_emit|catalog_touch_products|discounts.activated' ORDER BY 1`);
    const tablesOf = (kinds: object) =>
      Object.values(kinds as Record<string, { table?: string }>).flatMap(({ table }) => table ?? []);
    const named = new Set([...tablesOf(catalogDependencies.kinds), ...tablesOf(discountDependencies.kinds)]);
    expect(rows.map((row) => row.table)).toEqual([...named].sort());
    expect(Object.keys(cases).sort()).toEqual([...new Set(tablesOf(catalogDependencies.kinds))].sort());
  });

  it('and the triggers have one bound: so many tags are named, and with one more the whole is dropped', async () => {
    await writeWorld();
    const most = cacheLimits.maxTagsOfChange;
    await pool.query(
      'INSERT INTO products (id, handle, title) SELECT gen_random_uuid(), $1 || n, $1 FROM generate_series(1, $2::int) n',
      ['many', most],
    );
    expect(await takeTags()).toEqual(['catalog:all']);
    const touch = async (count: number) => {
      const { rows } = await pool.query(
        `UPDATE products SET title = title || '!' WHERE id IN (SELECT id FROM products WHERE title LIKE 'many%' LIMIT $1)
         RETURNING id`,
        [count],
      );
      const changes = declared.changes();
      changes.changed('product', { product: rows.map((row) => row.id as string), collectionProducts: [] });
      return { written: await takeTags(), declared: [...changes.list()].sort() };
    };
    // Each product, and the lists.
    const fits = await touch(most - 1);
    expect(fits.written).toHaveLength(most);
    expect(fits.written).toEqual(fits.declared);
    expect(await touch(most)).toEqual({ written: ['catalog:all'], declared: ['catalog:all'] });
  });
});

describe('the active rule set', () => {
  it('is told of when it is changed with plain SQL, and only then', async () => {
    const events = async () =>
      (await pool.query("DELETE FROM outbox WHERE event = 'discounts.activated' RETURNING payload")).rows;
    await pool.query(`INSERT INTO discount_rule_sets (version, document) VALUES (1, '{"discounts": []}')`);
    await pool.query('UPDATE discount_state SET draft_revision = draft_revision + 1, active_version = active_version');
    expect(await events()).toEqual([]);
    await pool.query('UPDATE discount_state SET active_version = 1');
    expect(await events()).toEqual([{ payload: { version: 1 } }]);
  });
});

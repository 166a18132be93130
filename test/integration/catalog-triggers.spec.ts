// What plain SQL does to the catalogue: versions grow, price ranges follow, and the outbox names what is void.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { newId } from '../../src/platform/ids.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

let database: TestDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 4 });
  pool.on('error', () => {});
});

afterAll(async () => {
  await pool?.end();
  await database?.drop();
});

beforeEach(async () => {
  await pool.query('TRUNCATE products, collections CASCADE');
  await takeEvents();
});

/** The tags of every event since the last call, and how many events there were. */
async function takeEvents(): Promise<{ tags: string[]; events: number; longest: number }> {
  const { rows } = await pool.query(
    "DELETE FROM outbox WHERE event = 'catalog.changed' RETURNING payload->'tags' AS tags",
  );
  const lists = rows.map((row) => row.tags as string[]);
  return { tags: lists.flat().sort(), events: lists.length, longest: Math.max(0, ...lists.map((list) => list.length)) };
}

async function insertProduct(handle: string): Promise<{ product: string; variant: string }> {
  const product = newId();
  const variant = newId();
  await pool.query("INSERT INTO products (id, handle, title, status) VALUES ($1, $2, $2, 'published')", [
    product,
    handle,
  ]);
  await pool.query(
    "INSERT INTO variants (id, product_id, position, title, option_values) VALUES ($1, $2, 1, 'x', '{x}')",
    [variant, product],
  );
  await pool.query("INSERT INTO variant_prices VALUES ($1, 'USD', 1000, NULL)", [variant]);
  return { product, variant };
}

async function insertCollection(handle: string): Promise<string> {
  const id = newId();
  await pool.query('INSERT INTO collections (id, handle, title) VALUES ($1, $2, $2)', [id, handle]);
  return id;
}

async function inTransaction(work: (client: pg.PoolClient) => Promise<void>): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await work(client);
    await client.query('COMMIT');
    client.release();
  } catch (error) {
    // A connection amid a transaction is of no use to the next test.
    client.release(true);
    throw error;
  }
}

const versionOf = async (id: string) =>
  Number((await pool.query('SELECT version FROM products WHERE id = $1', [id])).rows[0]?.version);
const rangeOf = async (id: string) =>
  (
    await pool.query(
      'SELECT currency, min_minor::int, max_minor::int FROM product_price_ranges WHERE product_id = $1',
      [id],
    )
  ).rows;

describe('changes made with plain SQL', () => {
  it('grow the version and name the product, for its own row and for every child table', async () => {
    const { product, variant } = await insertProduct('a');
    expect((await takeEvents()).tags).toEqual(
      expect.arrayContaining([`product:${product}`, 'product-handle:a', 'products']),
    );
    const collection = await insertCollection('c');
    await takeEvents();
    const changes: [string, unknown[]][] = [
      ["UPDATE products SET title = 'New' WHERE id = $1", [product]],
      ["INSERT INTO product_options VALUES ($1, 1, 'Size')", [product]],
      ["UPDATE product_options SET name = 'Colour' WHERE product_id = $1", [product]],
      ['UPDATE variants SET grams = 5 WHERE id = $1', [variant]],
      ['UPDATE variant_prices SET amount_minor = 1100 WHERE variant_id = $1', [variant]],
      ["INSERT INTO product_images VALUES ($1, 1, 'https://x.example/1.jpg')", [product]],
      ['DELETE FROM product_images WHERE product_id = $1', [product]],
      ['INSERT INTO collection_products VALUES ($2, $1, 1)', [product, collection]],
      ['DELETE FROM variant_prices WHERE variant_id = $1', [variant]],
      ['DELETE FROM variants WHERE id = $1', [variant]],
      ['DELETE FROM collection_products WHERE product_id = $1', [product]],
    ];
    let version = await versionOf(product);
    for (const [text, values] of changes) {
      await pool.query(text, values);
      const { tags } = await takeEvents();
      expect([text, tags]).toEqual([text, expect.arrayContaining([`product:${product}`, 'products'])]);
      expect([text, await versionOf(product)]).toEqual([text, version + 1]);
      version += 1;
    }
  });

  // What tools send that save a whole product: its own row as it is, then what hangs on it.
  it.each([
    ['an UPDATE', 'UPDATE products SET title = title WHERE id = $1'],
    [
      'an upsert',
      `INSERT INTO products (id, handle, title, status) VALUES ($1, 'saved', 'saved', 'published')
       ON CONFLICT (id) DO UPDATE SET title = excluded.title`,
    ],
    [
      'an UPDATE of a text that is kept outside of the row',
      'UPDATE products SET description_html = description_html || $$$$ WHERE id = $1',
    ],
  ])('name a product whose row %s wrote unchanged before its price, in one transaction', async (_, save) => {
    const { product, variant } = await insertProduct('saved');
    await pool.query(
      `UPDATE products SET description_html = (SELECT string_agg(md5(n::text), ' ') FROM generate_series(1, 500) n)`,
    );
    await takeEvents();
    const before = await versionOf(product);
    await inTransaction(async (client) => {
      await client.query(save, [product]);
      await client.query('UPDATE variant_prices SET amount_minor = 1 WHERE variant_id = $1', [variant]);
    });
    expect((await takeEvents()).tags).toEqual([`product:${product}`, 'products']);
    expect(await versionOf(product)).toBe(before + 1);
  });

  it('are told once for all statements and savepoints of a transaction', async () => {
    const { product, variant } = await insertProduct('a');
    await takeEvents();
    const before = await versionOf(product);
    await inTransaction(async (client) => {
      await client.query('SAVEPOINT first');
      await client.query('UPDATE variant_prices SET amount_minor = 1 WHERE variant_id = $1', [variant]);
      await client.query('RELEASE first');
      await client.query('UPDATE variants SET grams = 5 WHERE id = $1', [variant]);
      await client.query("INSERT INTO product_images VALUES ($1, 1, 'https://x.example/1.jpg')", [product]);
    });
    expect(await takeEvents()).toMatchObject({ tags: [`product:${product}`, 'products'], events: 1 });
    expect(await versionOf(product)).toBe(before + 1);
  });

  it('are told although a savepoint that had told them was rolled back', async () => {
    const { product, variant } = await insertProduct('a');
    await takeEvents();
    await inTransaction(async (client) => {
      await client.query('SAVEPOINT tried');
      await client.query('UPDATE variant_prices SET amount_minor = 1 WHERE variant_id = $1', [variant]);
      await client.query('ROLLBACK TO tried');
      await client.query('UPDATE variant_prices SET amount_minor = 2 WHERE variant_id = $1', [variant]);
    });
    expect(await takeEvents()).toMatchObject({ tags: [`product:${product}`, 'products'], events: 1 });
  });

  it('are told although the row came from a server that had a transaction of the same number', async () => {
    const { product, variant } = await insertProduct('a');
    await takeEvents();
    await inTransaction(async (client) => {
      // As a restored row is: what it says of its version is not what the triggers of this server wrote.
      await client.query("SET LOCAL session_replication_role = 'replica'");
      await client.query('UPDATE products SET version_of = pg_current_xact_id() WHERE id = $1', [product]);
      await client.query("SET LOCAL session_replication_role = 'origin'");
      await client.query('UPDATE variant_prices SET amount_minor = 1 WHERE variant_id = $1', [variant]);
    });
    expect((await takeEvents()).tags).toEqual([`product:${product}`, 'products']);
  });

  it('say nothing when they change nothing', async () => {
    const { product, variant } = await insertProduct('a');
    await takeEvents();
    const version = await versionOf(product);
    await pool.query('UPDATE products SET title = title');
    await pool.query('UPDATE variants SET sku = sku');
    await pool.query('UPDATE variant_prices SET amount_minor = amount_minor');
    await pool.query('DELETE FROM product_images WHERE product_id = $1', [product]);
    await pool.query("INSERT INTO variant_prices VALUES ($1, 'USD', 1, NULL) ON CONFLICT DO NOTHING", [variant]);
    expect(await takeEvents()).toEqual({ tags: [], events: 0, longest: 0 });
    expect(await versionOf(product)).toBe(version);
  });

  it('name the lists of collections, old and new handles, and what a deletion takes along', async () => {
    const { product } = await insertProduct('a');
    const collection = await insertCollection('c');
    await takeEvents();
    await pool.query('INSERT INTO collection_products VALUES ($1, $2, 1)', [collection, product]);
    expect((await takeEvents()).tags).toContain(`collection-products:${collection}`);
    await pool.query("UPDATE products SET handle = 'b', status = 'draft' WHERE id = $1", [product]);
    expect((await takeEvents()).tags).toEqual(
      [
        `collection-products:${collection}`,
        'product-handle:a',
        'product-handle:b',
        `product:${product}`,
        'products',
      ].sort(),
    );
    await pool.query("UPDATE collections SET handle = 'd' WHERE id = $1", [collection]);
    expect((await takeEvents()).tags).toEqual(
      ['collection-handle:c', 'collection-handle:d', `collection:${collection}`, 'collections'].sort(),
    );
    await pool.query('DELETE FROM products WHERE id = $1', [product]);
    expect((await takeEvents()).tags).toEqual(
      expect.arrayContaining([`product:${product}`, 'product-handle:b', `collection-products:${collection}`]),
    );
    await pool.query('DELETE FROM collections');
    expect((await takeEvents()).tags).toEqual(expect.arrayContaining([`collection:${collection}`, 'collections']));
    await pool.query('TRUNCATE variants CASCADE');
    expect((await takeEvents()).tags).toContain('catalog:all');
  });

  it('keep the price range of a product to what it offers', async () => {
    const { product, variant } = await insertProduct('a');
    const other = newId();
    await pool.query(
      "INSERT INTO variants (id, product_id, position, title, option_values) VALUES ($1, $2, 2, 'y', '{y}')",
      [other, product],
    );
    await pool.query("INSERT INTO variant_prices VALUES ($1, 'USD', 3000, NULL), ($1, 'EUR', 2000, NULL)", [other]);
    expect(await rangeOf(product)).toEqual([
      { currency: 'USD', min_minor: 1000, max_minor: 3000 },
      { currency: 'EUR', min_minor: 2000, max_minor: 2000 },
    ]);
    await pool.query('UPDATE variants SET retired_at = now() WHERE id = $1', [other]);
    expect(await rangeOf(product)).toEqual([{ currency: 'USD', min_minor: 1000, max_minor: 1000 }]);
    await pool.query('UPDATE variants SET retired_at = NULL WHERE id = $1', [other]);
    await pool.query('DELETE FROM variants WHERE id = $1', [variant]);
    expect(await rangeOf(product)).toHaveLength(2);
    await pool.query('DELETE FROM products');
    expect(await rangeOf(product)).toEqual([]);
  });

  it('that meet at one product both count in its price range', async () => {
    const { product, variant } = await insertProduct('a');
    const other = newId();
    await pool.query(
      "INSERT INTO variants (id, product_id, position, title, option_values) VALUES ($1, $2, 2, 'y', '{y}')",
      [other, product],
    );
    const [one, two] = await Promise.all([pool.connect(), pool.connect()]);
    await one.query('BEGIN');
    await two.query('BEGIN');
    await one.query('UPDATE variant_prices SET amount_minor = 500 WHERE variant_id = $1', [variant]);
    const waiting = two.query("INSERT INTO variant_prices VALUES ($1, 'USD', 9000, NULL)", [other]);
    await one.query('COMMIT');
    await waiting;
    await two.query('COMMIT');
    one.release();
    two.release();
    expect(await rangeOf(product)).toEqual([{ currency: 'USD', min_minor: 500, max_minor: 9000 }]);
  });

  it('are told once for each transaction, in events of bounded size, and all at once beyond a thousand products', async () => {
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query(
      `INSERT INTO products (id, handle, title) SELECT gen_random_uuid(), 'h' || n, 't' FROM generate_series(1, 500) n`,
    );
    await client.query(
      `INSERT INTO variants (id, product_id, position, title, option_values) SELECT gen_random_uuid(), id, 1, 'x', '{x}' FROM products`,
    );
    await client.query("INSERT INTO variant_prices SELECT id, 'USD', 100, NULL FROM variants");
    await client.query('COMMIT');
    client.release();
    // 500 products and their handles, and `products` once: the children add nothing.
    expect(await takeEvents()).toMatchObject({ tags: { length: 1_001 }, events: 6, longest: 200 });
    const { rows } = await pool.query('SELECT DISTINCT version::int FROM products');
    expect(rows).toEqual([{ version: 1 }]);

    await pool.query(
      `INSERT INTO products (id, handle, title) SELECT gen_random_uuid(), 'i' || n, 't' FROM generate_series(1, 1001) n`,
    );
    expect(await takeEvents()).toEqual({ tags: ['catalog:all'], events: 1, longest: 1 });
    await pool.query('UPDATE variant_prices SET amount_minor = 200');
    expect((await takeEvents()).tags).toHaveLength(501);
  });
});

// Reads and writes the products of one batch, each table in one statement: rows travel as one JSON parameter.
import { Injectable } from '@nestjs/common';
import { type SQL, sql } from 'drizzle-orm';
import type { Executor, Tx } from '../../../platform/database/database.js';
import { newId } from '../../../platform/ids.js';
import { products } from '../../catalog.schema.js';
import { type ProductRow, productColumns } from '../../products/product.repository.js';
import type { Writes } from './product-writes.js';

const array = (values: readonly string[], type: SQL) => sql`${sql.param(values)}::${type}[]`;
const json = (rows: readonly unknown[]) => sql`${JSON.stringify(rows)}::jsonb`;

@Injectable()
export class ImportBatchRepository {
  /** Notes the handles as met by the running import. @returns those that it had met before. */
  async markSeen(tx: Tx, handles: readonly string[]): Promise<Set<string>> {
    const { rows } = await tx.execute<{ handle: string }>(sql`
      INSERT INTO import_seen_handles (handle) SELECT unnest(${array(handles, sql`text`)})
      ON CONFLICT DO NOTHING RETURNING handle`);
    const fresh = new Set(rows.map((row) => row.handle));
    return new Set(handles.filter((handle) => !fresh.has(handle)));
  }

  /** The products of these handles, locked until the end of the transaction. */
  async lockByHandles(tx: Tx, handles: readonly string[]): Promise<Map<string, ProductRow>> {
    await tx.execute(sql`
      SELECT id FROM products WHERE handle = ANY (${array(handles, sql`text`)}) ORDER BY id FOR NO KEY UPDATE`);
    const rows = await tx
      .select(productColumns)
      .from(products)
      .where(sql`${products.handle} = ANY (${sql.placeholder('handles')}::text[])`)
      .prepare('catalog_products_by_handles')
      .execute({ handles });
    return new Map(rows.map((row) => [row.handle, row]));
  }

  /** Which variant on offer has the SKU, by SKU. */
  async findSkuOwners(tx: Tx, skus: readonly string[]): Promise<Map<string, string>> {
    const { rows } = await tx.execute<{ sku: string; id: string }>(sql`
      SELECT sku, id FROM variants WHERE retired_at IS NULL AND sku = ANY (${array(skus, sql`text`)})`);
    return new Map(rows.map((row) => [row.sku, row.id]));
  }

  /** Makes the collections that are not there. @returns id by handle, and the handles that were made now. */
  async ensureCollections(
    tx: Tx,
    titleByHandle: ReadonlyMap<string, string>,
  ): Promise<{ ids: Map<string, string>; created: string[] }> {
    if (titleByHandle.size === 0) return { ids: new Map(), created: [] };
    const wanted = [...titleByHandle].map(([handle, title]) => ({ id: newId(), handle, title }));
    const made = await tx.execute<{ handle: string }>(sql`
      INSERT INTO collections (id, handle, title)
      SELECT w.id, w.handle, w.title FROM jsonb_to_recordset(${json(wanted)}) AS w (id uuid, handle text, title text)
      WHERE NOT EXISTS (SELECT FROM collections c WHERE c.handle = w.handle)
      ON CONFLICT (handle) DO NOTHING RETURNING handle`);
    const { rows } = await tx.execute<{ id: string; handle: string }>(sql`
      SELECT id, handle FROM collections WHERE handle = ANY (${array([...titleByHandle.keys()], sql`text`)})`);
    return { ids: new Map(rows.map((row) => [row.handle, row.id])), created: made.rows.map((row) => row.handle) };
  }

  async write(tx: Tx, writes: Writes): Promise<void> {
    if (writes.products.length > 0) await tx.execute(upsertProducts(writes.products));
    if (writes.options.length > 0) await replaceOptions(tx, writes.options);
    if (writes.freedSkus.length > 0) {
      await tx.execute(sql`UPDATE variants SET sku = NULL WHERE id = ANY (${array(writes.freedSkus, sql`uuid`)})`);
    }
    if (writes.variants.length > 0) await tx.execute(upsertVariants(writes.variants));
    if (writes.removedPrices.length > 0) await tx.execute(deletePrices(writes.removedPrices));
    if (writes.prices.length > 0) await tx.execute(upsertPrices(writes.prices));
    if (writes.images.length > 0) await replaceImages(tx, writes.images);
    if (writes.memberships.length > 0) await tx.execute(insertMemberships(writes.memberships));
  }

  /** Tells the planner how large the tables have become. */
  async analyze(executor: Executor): Promise<void> {
    await executor.execute(sql`ANALYZE products, product_options, variants, variant_prices, product_images, collections,
      collection_products, product_price_ranges`);
  }

  /** Forgets the handles of an earlier import. */
  async clearSeen(tx: Tx): Promise<void> {
    await tx.execute(sql`TRUNCATE import_seen_handles`);
  }
}

const upsertProducts = (rows: Writes['products']) => sql`
  INSERT INTO products (id, handle, title, description_html, vendor, type, tags, status, seo_title, seo_description)
  SELECT r.id, r.handle, r.title, r."descriptionHtml", r.vendor, r.type, r.tags, r.status, r."seoTitle",
         r."seoDescription"
  FROM jsonb_to_recordset(${json(rows)}) AS r (id uuid, handle text, title text, "descriptionHtml" text, vendor text,
    type text, tags text[], status text, "seoTitle" text, "seoDescription" text)
  ON CONFLICT (id) DO UPDATE SET title = excluded.title, description_html = excluded.description_html,
    vendor = excluded.vendor, type = excluded.type, tags = excluded.tags, status = excluded.status,
    seo_title = excluded.seo_title, seo_description = excluded.seo_description`;

const upsertVariants = (rows: Writes['variants']) => sql`
  INSERT INTO variants AS v (id, product_id, position, title, sku, option_values, grams, barcode, requires_shipping,
    taxable, image_url, retired_at)
  SELECT r.id, r."productId", r.position, r.title, r.sku, r."optionValues", r.grams, r.barcode, r."requiresShipping",
         r.taxable, r."imageUrl", CASE WHEN r.retired THEN now() END
  FROM jsonb_to_recordset(${json(rows)}) AS r (id uuid, "productId" uuid, position integer, title text, sku text,
    "optionValues" text[], grams integer, barcode text, "requiresShipping" boolean, taxable boolean, "imageUrl" text,
    retired boolean)
  ON CONFLICT (id) DO UPDATE SET position = excluded.position, title = excluded.title, sku = excluded.sku,
    grams = excluded.grams, barcode = excluded.barcode, requires_shipping = excluded.requires_shipping,
    taxable = excluded.taxable, image_url = excluded.image_url,
    retired_at = CASE WHEN excluded.retired_at IS NOT NULL THEN coalesce(v.retired_at, excluded.retired_at) END`;

const upsertPrices = (rows: Writes['prices']) => sql`
  INSERT INTO variant_prices (variant_id, currency, amount_minor, compare_at_minor)
  SELECT r."variantId", r.currency, r."amountMinor", r."compareAtMinor"
  FROM jsonb_to_recordset(${json(rows)}) AS r ("variantId" uuid, currency text, "amountMinor" bigint,
    "compareAtMinor" bigint)
  ON CONFLICT (variant_id, currency) DO UPDATE SET amount_minor = excluded.amount_minor,
    compare_at_minor = excluded.compare_at_minor`;

const deletePrices = (rows: Writes['removedPrices']) => sql`
  DELETE FROM variant_prices p USING jsonb_to_recordset(${json(rows)}) AS r ("variantId" uuid, currency text)
  WHERE p.variant_id = r."variantId" AND p.currency = r.currency`;

/** New members stand behind the ones a collection has, in the order of the file. */
const insertMemberships = (rows: Writes['memberships']) => sql`
  INSERT INTO collection_products (collection_id, product_id, position)
  SELECT r."collectionId", r."productId",
         coalesce((SELECT max(m.position) FROM collection_products m WHERE m.collection_id = r."collectionId"), 0)
           + row_number() OVER (PARTITION BY r."collectionId" ORDER BY r.place)
  FROM jsonb_to_recordset(${json(rows.map((row, place) => ({ ...row, place })))})
    AS r ("collectionId" uuid, "productId" uuid, place integer)
  ON CONFLICT DO NOTHING`;

async function replaceOptions(tx: Tx, options: Writes['options']): Promise<void> {
  const ids = options.map((row) => row.productId);
  await tx.execute(sql`DELETE FROM product_options WHERE product_id = ANY (${array(ids, sql`uuid`)})`);
  const rows = options.flatMap(({ productId, names }) =>
    names.map((name, index) => ({ productId, position: index + 1, name })),
  );
  await tx.execute(sql`
    INSERT INTO product_options (product_id, position, name)
    SELECT r."productId", r.position, r.name
    FROM jsonb_to_recordset(${json(rows)}) AS r ("productId" uuid, position integer, name text)`);
}

async function replaceImages(tx: Tx, products: Writes['images']): Promise<void> {
  const ids = products.map((row) => row.productId);
  await tx.execute(sql`DELETE FROM product_images WHERE product_id = ANY (${array(ids, sql`uuid`)})`);
  const rows = products.flatMap(({ productId, images }) =>
    images.map(({ url, alt }, index) => ({ productId, position: index + 1, url, alt })),
  );
  await tx.execute(sql`
    INSERT INTO product_images (product_id, position, url, alt)
    SELECT r."productId", r.position, r.url, r.alt
    FROM jsonb_to_recordset(${json(rows)}) AS r ("productId" uuid, position integer, url text, alt text)`);
}

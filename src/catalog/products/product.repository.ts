import { Inject, Injectable } from '@nestjs/common';
import { and, eq, isNull, type SQL, sql } from 'drizzle-orm';
import { Database, type Executor } from '../../platform/database/database.js';
import { Statement } from '../../platform/database/statement.js';
import { products, variants } from '../catalog.schema.js';

/** A product with all that its document shows, in one row. */
export interface ProductRow {
  readonly id: string;
  readonly handle: string;
  readonly title: string;
  readonly descriptionHtml: string;
  readonly vendor: string;
  readonly type: string;
  readonly tags: string[];
  readonly status: 'published' | 'draft';
  readonly seoTitle: string | null;
  readonly seoDescription: string | null;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly options: string[];
  readonly variants: VariantRow[];
  readonly images: { url: string; alt: string | null }[];
  readonly collections: { id: string; handle: string; title: string }[];
}

/** Price and former price in minor units, by currency. */
export type PricesByCurrency = Record<string, { amountMinor: number; compareAtMinor: number | null }>;

export interface VariantRow {
  readonly id: string;
  readonly position: number;
  readonly title: string;
  readonly sku: string | null;
  readonly optionValues: string[];
  readonly grams: number | null;
  readonly barcode: string | null;
  readonly requiresShipping: boolean;
  readonly taxable: boolean;
  readonly imageUrl: string | null;
  readonly retired: boolean;
  readonly prices: PricesByCurrency;
}

export interface OfferRow {
  readonly variantId: string;
  readonly productId: string;
  readonly handle: string;
  readonly sku: string | null;
  readonly title: string;
  readonly productTitle: string;
  readonly imageUrl: string | null;
  readonly prices: PricesByCurrency;
  readonly taxable: boolean;
  readonly requiresShipping: boolean;
  readonly status: 'published' | 'draft';
  readonly retired: boolean;
}

const aggregated = <T>(rows: SQL) => sql<T>`coalesce(${rows}, '[]'::jsonb)`;

const pricesOf = (variantId: SQL) => sql<PricesByCurrency>`coalesce((
  SELECT jsonb_object_agg(vp.currency, jsonb_build_object(
    'amountMinor', vp.amount_minor, 'compareAtMinor', vp.compare_at_minor))
  FROM variant_prices vp WHERE vp.variant_id = ${variantId}), '{}'::jsonb)`;

/**
 * A product's columns and children. The children are small sets, each found by an index of its own.
 * The SQL spells out `products.id`: drizzle omits the table of a column in a query over one table.
 */
export const productColumns = {
  id: products.id,
  handle: products.handle,
  title: products.title,
  descriptionHtml: products.descriptionHtml,
  vendor: products.vendor,
  type: products.type,
  tags: products.tags,
  status: products.status,
  seoTitle: products.seoTitle,
  seoDescription: products.seoDescription,
  version: products.version,
  createdAt: products.createdAt,
  updatedAt: products.updatedAt,
  options: aggregated<string[]>(sql`(
    SELECT jsonb_agg(o.name ORDER BY o.position) FROM product_options o WHERE o.product_id = products.id)`),
  variants: aggregated<VariantRow[]>(sql`(
    SELECT jsonb_agg(jsonb_build_object(
      'id', v.id, 'position', v.position, 'title', v.title, 'sku', v.sku, 'optionValues', v.option_values,
      'grams', v.grams, 'barcode', v.barcode, 'requiresShipping', v.requires_shipping, 'taxable', v.taxable,
      'imageUrl', v.image_url, 'retired', v.retired_at IS NOT NULL, 'prices', ${pricesOf(sql`v.id`)}
    ) ORDER BY v.position, v.id) FROM variants v WHERE v.product_id = products.id)`),
  images: aggregated<{ url: string; alt: string | null }[]>(sql`(
    SELECT jsonb_agg(jsonb_build_object('url', i.url, 'alt', i.alt) ORDER BY i.position)
    FROM product_images i WHERE i.product_id = products.id)`),
  collections: aggregated<{ id: string; handle: string; title: string }[]>(sql`(
    SELECT jsonb_agg(jsonb_build_object('id', c.id, 'handle', c.handle, 'title', c.title) ORDER BY lower(c.title), c.id)
    FROM collection_products m JOIN collections c ON c.id = m.collection_id WHERE m.product_id = products.id)`),
};

// Runs in the transaction of every placed batch: drizzle would build it anew for each.
// The LIMIT prevents a plain join, which would read all products of a medium catalogue for a few variants.
const offersByIds = new Statement<OfferRow>(
  'catalog_offers_by_ids',
  `SELECT v.id AS "variantId", v.product_id AS "productId", product.handle, v.sku, v.title,
     product.title AS "productTitle",
     coalesce(v.image_url, (
       SELECT i.url FROM product_images i WHERE i.product_id = v.product_id ORDER BY i.position LIMIT 1)) AS "imageUrl",
     coalesce((
       SELECT jsonb_object_agg(p.currency, jsonb_build_object(
         'amountMinor', p.amount_minor, 'compareAtMinor', p.compare_at_minor))
       FROM variant_prices p WHERE p.variant_id = v.id), '{}'::jsonb) AS prices,
     v.taxable, v.requires_shipping AS "requiresShipping", product.status, v.retired_at IS NOT NULL AS retired
   FROM variants v CROSS JOIN LATERAL (
     SELECT p.handle, p.title, p.status FROM products p WHERE p.id = v.product_id LIMIT 1) product
   WHERE v.id = ANY ($1::uuid[])`,
);

@Injectable()
export class ProductRepository {
  private readonly byIds;
  private readonly idsByHandles;

  constructor(@Inject(Database) private readonly database: Database) {
    const { orm } = database;
    this.byIds = orm
      .select(productColumns)
      .from(products)
      .where(sql`${products.id} = ANY(${sql.placeholder('ids')}::uuid[])`)
      .prepare('catalog_products_by_ids');
    this.idsByHandles = orm
      .select({ id: products.id, handle: products.handle })
      .from(products)
      .where(sql`${products.handle} = ANY(${sql.placeholder('handles')}::text[])`)
      .prepare('catalog_product_ids_by_handles');
  }

  /** Products with their children, drafts included; those not found are left out. */
  findByIds(ids: readonly string[]): Promise<ProductRow[]> {
    return this.byIds.execute({ ids });
  }

  findIdsByHandles(handles: readonly string[]): Promise<{ id: string; handle: string }[]> {
    return this.idsByHandles.execute({ handles });
  }

  /** What selling these variants needs, drafts and retired ones included; as seen by `executor`. */
  findOffers(variantIds: readonly string[], executor: Executor = this.database.orm): Promise<OfferRow[]> {
    return offersByIds.rows(executor, [variantIds]);
  }

  /** Ids and handles of the newest products, for warming caches. */
  async findNewest(limit: number): Promise<{ id: string; handle: string }[]> {
    return this.database.orm
      .select({ id: products.id, handle: products.handle })
      .from(products)
      .where(eq(products.status, 'published'))
      .orderBy(sql`${products.createdAt} DESC, ${products.id} DESC`)
      .limit(limit);
  }

  count(): Promise<number> {
    return this.database.orm.$count(products);
  }

  /** Variants with a price, of the first published products by handle. */
  async findPricedVariantIds(limit: number): Promise<string[]> {
    const rows = await this.database.orm
      .select({ id: variants.id })
      .from(products)
      .innerJoin(variants, eq(variants.productId, products.id))
      .where(
        and(
          eq(products.status, 'published'),
          isNull(variants.retiredAt),
          sql`EXISTS (SELECT FROM variant_prices p WHERE p.variant_id = ${variants.id})`,
        ),
      )
      .orderBy(products.handle, variants.position)
      .limit(limit);
    return rows.map((row) => row.id);
  }
}

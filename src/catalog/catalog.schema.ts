// The catalogue's tables as TypeScript knows them; migrations/0002_catalog.sql creates them and their triggers.
import { sql } from 'drizzle-orm';
import { bigint, boolean, integer, jsonb, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core';

const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 }).notNull().defaultNow();

export const products = pgTable('products', {
  id: uuid().primaryKey(),
  handle: text().notNull(),
  title: text().notNull(),
  descriptionHtml: text('description_html').notNull().default(''),
  vendor: text().notNull().default(''),
  type: text().notNull().default(''),
  tags: text().array().notNull().default(sql`'{}'`),
  status: text({ enum: ['published', 'draft'] })
    .notNull()
    .default('draft'),
  seoTitle: text('seo_title'),
  seoDescription: text('seo_description'),
  version: bigint({ mode: 'number' }).notNull().default(1),
  createdAt: instant('created_at'),
  updatedAt: instant('updated_at'),
});

export const productOptions = pgTable(
  'product_options',
  {
    productId: uuid('product_id').notNull(),
    position: integer().notNull(),
    name: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.productId, t.position] })],
);

export const variants = pgTable('variants', {
  id: uuid().primaryKey(),
  productId: uuid('product_id').notNull(),
  position: integer().notNull(),
  title: text().notNull(),
  sku: text(),
  optionValues: text('option_values').array().notNull(),
  grams: integer(),
  barcode: text(),
  requiresShipping: boolean('requires_shipping').notNull().default(true),
  taxable: boolean().notNull().default(true),
  imageUrl: text('image_url'),
  retiredAt: timestamp('retired_at', { withTimezone: true, precision: 3 }),
});

export const variantPrices = pgTable(
  'variant_prices',
  {
    variantId: uuid('variant_id').notNull(),
    currency: text().notNull(),
    amountMinor: bigint('amount_minor', { mode: 'number' }).notNull(),
    compareAtMinor: bigint('compare_at_minor', { mode: 'number' }),
  },
  (t) => [primaryKey({ columns: [t.variantId, t.currency] })],
);

export const productImages = pgTable(
  'product_images',
  {
    productId: uuid('product_id').notNull(),
    position: integer().notNull(),
    url: text().notNull(),
    alt: text(),
  },
  (t) => [primaryKey({ columns: [t.productId, t.position] })],
);

export const productPriceRanges = pgTable(
  'product_price_ranges',
  {
    productId: uuid('product_id').notNull(),
    currency: text().notNull(),
    minMinor: bigint('min_minor', { mode: 'number' }).notNull(),
    maxMinor: bigint('max_minor', { mode: 'number' }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.productId, t.currency] })],
);

export const collections = pgTable('collections', {
  id: uuid().primaryKey(),
  handle: text().notNull(),
  title: text().notNull(),
  descriptionHtml: text('description_html').notNull().default(''),
  createdAt: instant('created_at'),
  updatedAt: instant('updated_at'),
});

export const collectionProducts = pgTable(
  'collection_products',
  {
    collectionId: uuid('collection_id').notNull(),
    productId: uuid('product_id').notNull(),
    position: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.collectionId, t.productId] })],
);

export const importJobs = pgTable('import_jobs', {
  id: uuid().primaryKey(),
  state: text({ enum: ['running', 'done', 'failed'] }).notNull(),
  sourceName: text('source_name'),
  totalBytes: bigint('total_bytes', { mode: 'number' }).notNull(),
  readBytes: bigint('read_bytes', { mode: 'number' }).notNull().default(0),
  report: jsonb().notNull(),
  error: text(),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  heartbeatAt: timestamp('heartbeat_at', { withTimezone: true }).notNull().defaultNow(),
  finishedAt: timestamp('finished_at', { withTimezone: true }),
});

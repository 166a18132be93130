import { z } from 'zod';
import { plainText } from '../../platform/http/plain-text.js';
import { money } from '../../platform/money.js';

const productOption = z
  .object({ name: z.string().meta({ example: 'Size' }), values: z.array(z.string()).meta({ example: ['S', 'M'] }) })
  .meta({ id: 'ProductOption' });

const variantPrice = z
  .object({ price: money, compareAtPrice: money.nullable().describe('What it cost before.') })
  .meta({ id: 'VariantPrice' });

const variant = z
  .object({
    id: z.uuid(),
    sku: z.string().nullable(),
    title: z.string().meta({ example: 'M / Blue' }),
    options: z.array(z.object({ name: z.string(), value: z.string() })),
    price: money.nullable().describe('In the default currency of the shop; null when it is not sold in it.'),
    compareAtPrice: money.nullable(),
    prices: z.record(z.string(), variantPrice).describe('By currency.'),
    grams: z.int().nullable().describe('Weight in grams.'),
    barcode: z.string().nullable(),
    requiresShipping: z.boolean(),
    taxable: z.boolean(),
    imageUrl: z.string().nullable(),
  })
  .meta({ id: 'Variant', description: 'One thing to buy. Its stock is told by the availability of the product.' });

export const priceRange = z
  .object({ min: money, max: money })
  .meta({ id: 'PriceRange', description: 'Lowest and highest price of the variants.' });

export const productImage = z.object({ url: z.string(), alt: z.string().nullable() }).meta({ id: 'Image' });

export const product = z
  .object({
    id: z.uuid(),
    handle: z.string().meta({ example: 'linen-shirt' }),
    title: z.string(),
    descriptionHtml: z.string().describe("The shop's own HTML, as it was given."),
    vendor: z.string(),
    type: z.string(),
    tags: z.array(z.string()),
    seo: z.object({ title: z.string().nullable(), description: z.string().nullable() }),
    priceRange: priceRange.nullable().describe('In the default currency of the shop.'),
    options: z.array(productOption),
    variants: z.array(variant),
    images: z.array(productImage),
    collections: z.array(z.object({ id: z.uuid(), handle: z.string(), title: z.string() })),
    version: z.int().describe('Grows with every change of the product.'),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Product', description: 'A published product with its variants.' });

/** A product as clients get it. */
export type ProductDocument = z.infer<typeof product>;

export const productParams = z.strictObject({ idOrHandle: plainText(1, 255) });

/** The product route takes no query: documents carry every currency. */
export const noQuery = z.strictObject({});

// One query schema gives the validation of the route, its documentation and the key under which a page is cached.
import { z } from 'zod';
import { pageOf, pageQuery } from '../../platform/http/page.js';
import { plainText } from '../../platform/http/plain-text.js';
import { currencyCode, MAX_AMOUNT_MINOR } from '../../platform/money.js';
import { priceRange, productImage } from './product.dto.js';

const amount = z.coerce.number().int().min(0).max(MAX_AMOUNT_MINOR);
const name = plainText(1, 255);

const filters = {
  ...pageQuery,
  q: plainText(1, 200).optional().describe('Words of the title, the vendor or the tags; all must be there.'),
  tag: name.optional(),
  vendor: name.optional(),
  type: name.optional(),
  minPrice: amount.optional().describe('In minor units of `currency`: products that can be had for this or more.'),
  maxPrice: amount.optional().describe('In minor units of `currency`: products that can be had for this or less.'),
  currency: currencyCode.optional().describe('Of the shown, filtered and sorted prices; the default one of the shop.'),
};

const sorts = ['newest', 'price', '-price', 'title'] as const;

export const productListQuery = z
  .strictObject({
    ...filters,
    collection: name.optional().describe('Handle of a collection.'),
    sort: z.enum(sorts).default('newest'),
  })
  .superRefine(pricesInOrder);

export const collectionProductsQuery = z
  .strictObject({ ...filters, sort: z.enum(['position', ...sorts]).default('position') })
  .superRefine(pricesInOrder);

export const productSummary = z
  .object({
    id: z.uuid(),
    handle: z.string(),
    title: z.string(),
    vendor: z.string(),
    type: z.string(),
    tags: z.array(z.string()),
    image: productImage.nullable(),
    priceRange: priceRange.nullable().describe('In the currency of the list; null when it is not sold in it.'),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'ProductSummary' });

export type ProductSummary = z.infer<typeof productSummary>;

export const productPage = pageOf(productSummary).meta({ id: 'ProductPage' });
export type ProductPage = z.infer<typeof productPage>;

function pricesInOrder(
  query: { minPrice?: number | undefined; maxPrice?: number | undefined },
  ctx: z.core.$RefinementCtx,
): void {
  if (query.minPrice !== undefined && query.maxPrice !== undefined && query.minPrice > query.maxPrice) {
    ctx.addIssue({ code: 'custom', path: ['maxPrice'], message: 'must not be below minPrice' });
  }
}

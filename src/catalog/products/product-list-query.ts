// The cache key of a page of products: the validated query with its defaults, written so that a background refresh can
// read it back.
import { z } from 'zod';
import { compositeKey, parseCompositeKey } from '../../cache/cache-key.js';
import { instant } from '../../platform/http/instant.js';

const listQuery = z.strictObject({
  collectionId: z.uuid().optional(),
  currency: z.string(),
  cursor: z.string().optional(),
  limit: z.coerce.number(),
  maxPrice: z.coerce.number().optional(),
  minPrice: z.coerce.number().optional(),
  q: z.string().optional(),
  sort: z.enum(['position', 'newest', 'price', '-price', 'title']),
  tag: z.string().optional(),
  type: z.string().optional(),
  vendor: z.string().optional(),
});

export type ProductListQuery = z.infer<typeof listQuery>;
export type ProductSort = ProductListQuery['sort'];

/** @throws AppError `validation_failed` when the query is too long for a key. */
export const toListKey = (query: ProductListQuery): string => compositeKey(query);

/** @throws when the text is not such a key. */
export const fromListKey = (key: string): ProductListQuery => listQuery.parse(parseCompositeKey(key));

const id = z.uuid();
const whole = z.int();

/** The position after which a page begins, by sort: what is sorted by, then the product's id. */
const positions = {
  position: z.tuple([z.literal('position'), z.int32(), id]),
  newest: z.tuple([z.literal('newest'), instant, id]),
  price: z.tuple([z.literal('price'), whole, id]),
  '-price': z.tuple([z.literal('-price'), whole, id]),
  title: z.tuple([z.literal('title'), z.string().max(64), id]),
} as const;

/** Zod schema of the cursors of a sort. */
export const cursorOf = (sort: ProductSort): z.ZodType<[ProductSort, string | number, string]> => positions[sort];

// What a page of products is cached under: the checked query with its defaults filled in. The key is the query itself,
// always written in the same way, so that a background refresh can read it back.
import { z } from 'zod';

const listQuery = z.object({
  collectionId: z.uuid().optional(),
  currency: z.string(),
  cursor: z.string().optional(),
  limit: z.int(),
  maxPrice: z.int().optional(),
  minPrice: z.int().optional(),
  q: z.string().optional(),
  sort: z.enum(['position', 'newest', 'price', '-price', 'title']),
  tag: z.string().optional(),
  type: z.string().optional(),
  vendor: z.string().optional(),
});

export type ProductListQuery = z.infer<typeof listQuery>;
export type ProductSort = ProductListQuery['sort'];

const names = Object.keys(listQuery.shape) as (keyof ProductListQuery)[];

export function toListKey(query: ProductListQuery): string {
  return JSON.stringify(query, names);
}

/** @throws when the text is not such a key. */
export function fromListKey(key: string): ProductListQuery {
  return listQuery.parse(JSON.parse(key));
}

const id = z.uuid();
const whole = z.int();

/** The position after which a page begins, by sort: what is sorted by, then the product's id. */
const positions = {
  position: z.tuple([z.literal('position'), whole, id]),
  newest: z.tuple([z.literal('newest'), z.iso.datetime(), id]),
  price: z.tuple([z.literal('price'), whole, id]),
  '-price': z.tuple([z.literal('-price'), whole, id]),
  title: z.tuple([z.literal('title'), z.string().max(64), id]),
} as const;

/** Zod schema of the cursors of a sort. */
export const cursorOf = (sort: ProductSort): z.ZodType<[ProductSort, string | number, string]> => positions[sort];

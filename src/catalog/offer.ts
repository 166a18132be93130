import { z } from 'zod';
import type { OfferRow } from './products/product.repository.js';

const price = z.object({ amountMinor: z.int(), compareAtMinor: z.int().nullable() });

/** An offer as it is cached: drafts and retired variants too, so that publishing one is seen at once. */
export const cachedOffer = z.object({
  variantId: z.uuid(),
  productId: z.uuid(),
  handle: z.string(),
  sku: z.string().nullable(),
  title: z.string(),
  productTitle: z.string(),
  imageUrl: z.string().nullable(),
  prices: z.record(z.string(), price),
  taxable: z.boolean(),
  requiresShipping: z.boolean(),
  forSale: z.boolean(),
  listed: z.boolean(),
});

export type CachedOffer = z.infer<typeof cachedOffer>;

/** What a cart or an order has to know of a variant. Its product is published and it is not retired. */
export interface Offer {
  readonly variantId: string;
  readonly productId: string;
  /** Of the product. */
  readonly handle: string;
  readonly sku: string | null;
  /** What sets the variant apart, like `M / Blue`; empty for the only one of a product. */
  readonly title: string;
  readonly productTitle: string;
  /** Of the variant, or else the first one of the product. */
  readonly imageUrl: string | null;
  /** By ISO 4217 currency, in minor units; a currency that it is not sold in is absent. */
  readonly prices: Readonly<
    Record<string, { readonly amountMinor: number; readonly compareAtMinor: number | null } | undefined>
  >;
  readonly taxable: boolean;
  readonly requiresShipping: boolean;
  /** False when it has no price in any currency. */
  readonly forSale: boolean;
}

/** What a line of a cart or an order is called, like `Shirt, M / Blue`. */
export function titleOf({ productTitle, title }: Pick<Offer, 'productTitle' | 'title'>): string {
  return title ? `${productTitle}, ${title}` : productTitle;
}

const ONLY_VARIANT = 'Default Title';

export function toCachedOffer({ status, retired, title, ...row }: OfferRow): CachedOffer {
  return {
    ...row,
    title: title === ONLY_VARIANT ? '' : title,
    forSale: Object.keys(row.prices).length > 0,
    listed: status === 'published' && !retired,
  };
}

// The writes that bring a product to its next state. Only differences are written, so importing a file again changes no
// version and makes nothing in caches void.
import type { PricesByCurrency } from '../../products/product.repository.js';
import type { NextProduct, NextVariant } from './product-merge.js';

export interface ProductWrite extends Readonly<NextProduct['fields']> {
  readonly id: string;
  readonly handle: string;
}

export interface VariantWrite {
  readonly id: string;
  readonly productId: string;
  readonly position: number;
  readonly title: string;
  readonly sku: string | null;
  readonly optionValues: readonly string[];
  readonly grams: number | null;
  readonly barcode: string | null;
  readonly requiresShipping: boolean;
  readonly taxable: boolean;
  readonly imageUrl: string | null;
  readonly retired: boolean;
}

/** Rows to write, of any number of products. */
export interface Writes {
  readonly products: ProductWrite[];
  /** Replaces all options of these products. */
  readonly options: { readonly productId: string; readonly names: readonly string[] }[];
  /** Variants that give up their SKU before others take it. */
  readonly freedSkus: string[];
  readonly variants: VariantWrite[];
  readonly prices: { variantId: string; currency: string; amountMinor: number; compareAtMinor: number | null }[];
  readonly removedPrices: { readonly variantId: string; readonly currency: string }[];
  /** Replaces all images of these products. */
  readonly images: { readonly productId: string; readonly images: NextProduct['images'] }[];
  readonly memberships: { readonly productId: string; readonly collectionId: string }[];
}

export function noWrites(): Writes {
  return {
    products: [],
    options: [],
    freedSkus: [],
    variants: [],
    prices: [],
    removedPrices: [],
    images: [],
    memberships: [],
  };
}

/** Adds to `writes` what the product needs. @returns whether it needs anything. */
export function collectWrites(next: NextProduct, collectionId: string | undefined, writes: Writes): boolean {
  const { id, stored } = next;
  const before = Object.values(writes).reduce((sum, rows) => sum + rows.length, 0);
  const product = { id, handle: next.parsed.handle, ...next.fields };
  if (!stored || !sameFields(next.fields, stored)) writes.products.push(product);
  if (!same(next.options, stored?.options)) writes.options.push({ productId: id, names: next.options });
  for (const variant of next.variants) collectVariant(id, variant, writes);
  if (!same(next.images.map(inOrder), (stored?.images ?? []).map(inOrder)))
    writes.images.push({ productId: id, images: next.images });
  if (collectionId && !stored?.collections.some((collection) => collection.id === collectionId)) {
    writes.memberships.push({ productId: id, collectionId });
  }
  return Object.values(writes).reduce((sum, rows) => sum + rows.length, 0) > before;
}

function collectVariant(productId: string, { state, stored }: NextVariant, writes: Writes): void {
  const { prices, ...columns } = state;
  const { prices: storedPrices, ...storedColumns } = stored ?? { prices: {} as PricesByCurrency };
  if (!same(inOrder(columns), inOrder(storedColumns))) writes.variants.push({ ...columns, productId });
  if (stored?.sku && !stored.retired && (state.retired || state.sku !== stored.sku)) writes.freedSkus.push(stored.id);
  for (const [currency, price] of Object.entries(prices)) {
    const before = storedPrices[currency];
    if (before?.amountMinor === price.amountMinor && before.compareAtMinor === price.compareAtMinor) continue;
    writes.prices.push({ variantId: state.id, currency, ...price });
  }
  for (const currency of Object.keys(storedPrices)) {
    if (!(currency in prices)) writes.removedPrices.push({ variantId: state.id, currency });
  }
}

function sameFields(fields: NextProduct['fields'], stored: NextProduct['fields']): boolean {
  return (Object.keys(fields) as (keyof typeof fields)[]).every((name) => same(fields[name], stored[name]));
}

/** Whether two plain values are equal; keys must be in one order. */
function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function inOrder(record: object): [string, unknown][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

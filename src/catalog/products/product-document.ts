import type { ProductDocument } from './product.dto.js';
import type { PricesByCurrency, ProductRow, VariantRow } from './product.repository.js';

type VariantDocument = ProductDocument['variants'][number];

/** A stored product as clients get it. Retired variants are left out. */
export function toProductDocument(row: ProductRow, defaultCurrency: string): ProductDocument {
  const offered = row.variants.filter((variant) => !variant.retired);
  return {
    id: row.id,
    handle: row.handle,
    title: row.title,
    descriptionHtml: row.descriptionHtml,
    vendor: row.vendor,
    type: row.type,
    tags: row.tags,
    seo: { title: row.seoTitle, description: row.seoDescription },
    priceRange: rangeOf(offered, defaultCurrency),
    options: row.options.map((name, index) => ({ name, values: valuesOf(offered, index) })),
    variants: offered.map((variant) => toVariant(variant, row.options, defaultCurrency)),
    images: row.images,
    collections: row.collections,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

function toVariant(row: VariantRow, options: readonly string[], defaultCurrency: string): VariantDocument {
  const prices = toPrices(row.prices);
  const inDefault = prices[defaultCurrency];
  return {
    id: row.id,
    sku: row.sku,
    title: row.title,
    options: row.optionValues.map((value, index) => ({ name: options[index] ?? '', value })),
    price: inDefault?.price ?? null,
    compareAtPrice: inDefault?.compareAtPrice ?? null,
    prices,
    grams: row.grams,
    barcode: row.barcode,
    requiresShipping: row.requiresShipping,
    taxable: row.taxable,
    imageUrl: row.imageUrl,
  };
}

function toPrices(prices: PricesByCurrency): VariantDocument['prices'] {
  return Object.fromEntries(
    Object.entries(prices)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([currency, { amountMinor, compareAtMinor }]) => [
        currency,
        {
          price: { amount: amountMinor, currency },
          compareAtPrice: compareAtMinor === null ? null : { amount: compareAtMinor, currency },
        },
      ]),
  );
}

function rangeOf(variants: readonly VariantRow[], currency: string): ProductDocument['priceRange'] {
  const amounts = variants.flatMap((variant) => variant.prices[currency]?.amountMinor ?? []);
  if (amounts.length === 0) return null;
  return { min: { amount: Math.min(...amounts), currency }, max: { amount: Math.max(...amounts), currency } };
}

/** The values of an option in the order in which the variants bring them. */
function valuesOf(variants: readonly VariantRow[], index: number): string[] {
  return [...new Set(variants.flatMap((variant) => variant.optionValues[index] ?? []))];
}

// Which column of a product file means what. Shopify has written two dialects of headers; files in the wild mix them,
// pad them and change their case.
import { isCurrency } from '../../../platform/money.js';
import { cleanLine } from '../cell-values.js';

/** Every spelling of a field, in small letters: the older dialect's first. */
const spellings = {
  handle: ['handle', 'url handle'],
  title: ['title'],
  descriptionHtml: ['body (html)', 'body html', 'description'],
  vendor: ['vendor'],
  type: ['type', 'product type', 'custom product type'],
  tags: ['tags'],
  published: ['published', 'published on online store'],
  status: ['status'],
  collection: ['collection'],
  option1Name: ['option1 name'],
  option1Value: ['option1 value'],
  option2Name: ['option2 name'],
  option2Value: ['option2 value'],
  option3Name: ['option3 name'],
  option3Value: ['option3 value'],
  sku: ['variant sku', 'sku'],
  barcode: ['variant barcode', 'variant barcodes', 'barcode', 'barcodes'],
  grams: ['variant grams', 'weight value (grams)'],
  tracker: ['variant inventory tracker', 'inventory tracker'],
  quantity: ['variant inventory qty', 'inventory quantity'],
  policy: ['variant inventory policy', 'continue selling when out of stock'],
  price: ['variant price', 'price'],
  compareAtPrice: ['variant compare at price', 'variant compare-at price', 'compare at price', 'compare-at price'],
  requiresShipping: ['variant requires shipping', 'requires shipping'],
  taxable: ['variant taxable', 'charge tax'],
  variantImage: ['variant image', 'variant image url'],
  imageUrl: ['image src', 'product image url'],
  imagePosition: ['image position'],
  imageAlt: ['image alt text'],
  seoTitle: ['seo title'],
  seoDescription: ['seo description'],
} as const;

export type Field = keyof typeof spellings;

const fieldOf = new Map<string, Field>(
  (Object.keys(spellings) as Field[]).flatMap((field) => spellings[field].map((text) => [text, field] as const)),
);

/** `Price (EUR)`, `Variant Price (EUR)`, `Compare-at price (EUR)`, `Variant Compare At Price (EUR)`. */
const pricedIn = /^(?:variant )?(compare[ -]at )?price \(([a-z]{3})\)$/;

/** Where a file keeps each value. Default-currency prices are among the others. */
export interface Columns {
  /** The headers as they stand in the file. */
  readonly headers: readonly string[];
  readonly byField: ReadonlyMap<Field, number>;
  readonly prices: ReadonlyMap<string, number>;
  readonly compareAtPrices: ReadonlyMap<string, number>;
  /** Headers that nothing is read from, as they stand in the file. */
  readonly unknown: readonly string[];
}

/** Reads the header row. If two columns mean the same, the first counts and the other is reported as unknown. */
export function readHeader(cells: readonly string[], defaultCurrency: string): Columns {
  const byField = new Map<Field, number>();
  const prices = new Map<string, number>();
  const compareAtPrices = new Map<string, number>();
  const unknown: string[] = [];
  cells.forEach((cell, index) => {
    const header = cleanLine(cell).toLowerCase();
    const field = fieldOf.get(header);
    const priced = pricedIn.exec(header);
    const currency = priced?.[2]?.toUpperCase() ?? '';
    if (field && !byField.has(field)) byField.set(field, index);
    else if (priced && isCurrency(currency)) setOnce(priced[1] ? compareAtPrices : prices, currency, index);
    else if (header !== '') unknown.push(cell.trim());
  });
  const plain = byField.get('price');
  const plainCompareAt = byField.get('compareAtPrice');
  if (plain !== undefined) setOnce(prices, defaultCurrency, plain);
  if (plainCompareAt !== undefined) setOnce(compareAtPrices, defaultCurrency, plainCompareAt);
  const headers = cells.map(cleanLine);
  return { headers, byField, prices, compareAtPrices, unknown };
}

function setOnce(map: Map<string, number>, currency: string, index: number): void {
  if (!map.has(currency)) map.set(currency, index);
}

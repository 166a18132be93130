import { formatMinor } from '../../platform/money.js';
import { type SampleProduct, type SampleVariant, sampleProduct } from './sample-product.js';

/** Which catalogue is made. */
export interface GenerateOptions {
  /** How many products. */
  readonly products: number;
  /** The same seed makes the same file. */
  readonly seed: number;
}

/** What samples/catalog.csv is made with. */
export const SAMPLE_CATALOG: GenerateOptions = { products: 300, seed: 1 };

/**
 * A catalogue of any size as product CSV, line by line with line breaks, in constant memory. Products vary in options,
 * stock, prices (USD and EUR) and images; every title and SKU is unique.
 */
export function* generateCatalog({ products, seed }: GenerateOptions): Generator<string> {
  yield toCsvLine(Object.keys(cells));
  for (let place = 0; place < products; place++) {
    const product = sampleProduct(place, seed);
    const rows = Math.max(product.variants.length, product.images.length);
    for (let row = 0; row < rows; row++) {
      yield toCsvLine(Object.values(cells).map((cell) => cell(product, product.variants[row], row)));
    }
  }
}

/** RFC 4180: quotes around what needs them, doubled inside. */
export function toCsvLine(values: readonly string[]): string {
  const quoted = values.map((value) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value));
  return `${quoted.join(',')}\n`;
}

type Cell = (product: SampleProduct, variant: SampleVariant | undefined, row: number) => string;

/** Said in the first row of a product only. */
const once =
  (read: (product: SampleProduct) => string): Cell =>
  (product, _variant, row) =>
    row === 0 ? read(product) : '';
/** Said in every row that has a variant. */
const each =
  (read: (variant: SampleVariant) => string): Cell =>
  (_product, variant) =>
    variant ? read(variant) : '';
const price = (read: (variant: SampleVariant) => number | undefined, currency: string): Cell =>
  each((variant) => {
    const minor = read(variant);
    return minor === undefined ? '' : formatMinor(minor, currency);
  });
const optionName = (index: number) =>
  once(({ options }) => options[index] ?? (index === 0 && options.length === 0 ? 'Title' : ''));
const optionValue = (index: number) =>
  each(({ optionValues }) => optionValues[index] ?? (index === 0 ? 'Default Title' : ''));

const cells: Record<string, Cell> = {
  Title: once((product) => product.title),
  'URL handle': (product) => product.handle,
  Description: once((product) => product.descriptionHtml),
  Vendor: once((product) => product.vendor),
  Type: once((product) => product.type),
  Tags: once((product) => product.tags.join(', ')),
  'Published on online store': once((product) => String(product.published)),
  Status: once((product) => (product.published ? 'active' : 'draft')),
  SKU: each((variant) => variant.sku),
  Barcode: each((variant) => variant.barcode),
  'Option1 name': optionName(0),
  'Option1 value': optionValue(0),
  'Option2 name': optionName(1),
  'Option2 value': optionValue(1),
  'Price (USD)': price((variant) => variant.usdMinor, 'USD'),
  'Compare-at price (USD)': price((variant) => variant.usdCompareAtMinor, 'USD'),
  'Price (EUR)': price((variant) => variant.eurMinor, 'EUR'),
  'Charge tax': each(() => 'true'),
  'Inventory tracker': each((variant) => (variant.quantity === undefined ? '' : 'shopify')),
  'Inventory quantity': each((variant) => variant.quantity?.toString() ?? ''),
  'Continue selling when out of stock': each((variant) => (variant.backorder ? 'continue' : 'deny')),
  'Weight value (grams)': each((variant) => String(variant.grams)),
  'Requires shipping': each((variant) => String(variant.requiresShipping)),
  'Product image URL': (product, _variant, row) => product.images[row]?.url ?? '',
  'Image position': (product, _variant, row) => (product.images[row] ? String(row + 1) : ''),
  'Image alt text': (product, _variant, row) => product.images[row]?.alt ?? '',
  'SEO title': once((product) => product.seoTitle),
  Collection: once((product) => product.type),
};

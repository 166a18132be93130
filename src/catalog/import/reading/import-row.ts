// Reads one row of cells into typed values. An unreadable cell is reported and treated as absent. An unreadable price in the
// shop's own currency leaves the variant out: there is no other price to sell it for.
import { parseMinor } from '../../../platform/money.js';
import {
  isWebAddress,
  MAX_QUANTITY,
  parseFlag,
  parseGrams,
  parsePolicy,
  parseQuantity,
  parseStatus,
  parseTags,
} from '../cell-values.js';
import type { ImportProblem } from '../import-report.js';
import type { Columns, Field } from './columns.js';
import type { ParsedImage, ParsedPrice, ParsedStock, ProductFields, VariantFields } from './parsed-product.js';
import { MAX_LINE, RowCells } from './row-cells.js';

export interface ImportRow {
  readonly line: number;
  readonly handle: string;
  readonly fields: ProductFields | undefined;
  readonly optionNames: readonly (string | undefined)[];
  readonly optionValues: readonly (string | undefined)[];
  /** Whether the row has a value that only variants have. */
  readonly bearsVariant: boolean;
  /** Reads the variant's cells and reports unreadable ones; undefined when its price in the shop's currency is one. */
  readonly readVariant: () => VariantFields | undefined;
  readonly image: ParsedImage | undefined;
  readonly collection: string | undefined;
}

const MAX_SEO_TEXT = 1_000;
const MAX_HTML = 200_000;
const MAX_TAGS = 250;
const MAX_URL = 2_048;

export class RowReader {
  constructor(
    private readonly columns: Columns,
    private readonly defaultCurrency: string,
    private readonly report: (problem: ImportProblem) => void,
  ) {}

  read(cells: readonly string[], line: number, handle: string): ImportRow {
    const row = new RowCells(this.columns, cells, (column, code, text) =>
      this.report({ line, handle, ...(column && { column }), code, text }),
    );
    const optionValues = (['option1Value', 'option2Value', 'option3Value'] as const).map((field) => row.given(field));
    const title = row.given('title');
    return {
      line,
      handle,
      fields: title === undefined ? undefined : productFields(row, title),
      optionNames: (['option1Name', 'option2Name', 'option3Name'] as const).map((field) => row.given(field)),
      optionValues,
      bearsVariant:
        optionValues.some((value) => value !== undefined) ||
        (['sku', 'quantity', 'barcode'] as const).some((field) => row.raw(field) !== '') ||
        [...this.columns.prices.values()].some((index) => row.cell(index) !== ''),
      readVariant: () => variantFields(row, this.columns, this.defaultCurrency),
      image: imageOf(row, line),
      collection: row.given('collection'),
    };
  }
}

function productFields(row: RowCells, title: string): ProductFields {
  const tags = row.has('tags') ? parseTags(row.raw('tags')) : undefined;
  const usable = tags?.filter((tag) => tag.length <= MAX_LINE).slice(0, MAX_TAGS);
  if (tags && usable && usable.length < tags.length) {
    row.complain('tags', 'too_many', `only ${usable.length} of ${tags.length} tags were taken`);
  }
  return {
    title,
    descriptionHtml: descriptionOf(row),
    vendor: row.text('vendor'),
    type: row.text('type'),
    tags: usable,
    ...statusOf(row),
    seoTitle: row.orNull('seoTitle', MAX_SEO_TEXT),
    seoDescription: row.orNull('seoDescription', MAX_SEO_TEXT),
  };
}

/** HTML cannot be cut in the middle: a text that is too long is left out. */
function descriptionOf(row: RowCells): string | undefined {
  if (!row.has('descriptionHtml')) return undefined;
  const html = row.raw('descriptionHtml');
  if (html.length <= MAX_HTML) return html;
  row.complain('descriptionHtml', 'too_long', `has ${html.length} characters, more than ${MAX_HTML}; it was left out`);
  return undefined;
}

/** Published unless either column denies it. When a cell that would decide is unreadable, a new product is a draft. */
function statusOf(row: RowCells): Pick<ProductFields, 'status' | 'statusOfNew'> {
  const given: (boolean | undefined)[] = [];
  if (row.has('published')) given.push(row.value('published', parseFlag, true, `true or false; ${STATUS_STAYS}`));
  if (row.has('status'))
    given.push(row.value('status', parseStatus, true, `active, draft, archived or unlisted; ${STATUS_STAYS}`));
  if (given.includes(false)) return { status: 'draft', statusOfNew: 'draft' };
  if (given.includes(undefined)) return { status: undefined, statusOfNew: 'draft' };
  return { status: given.length > 0 ? 'published' : undefined, statusOfNew: 'published' };
}

function variantFields(row: RowCells, columns: Columns, defaultCurrency: string): VariantFields | undefined {
  const prices = pricesOf(row, columns, defaultCurrency);
  const others = {
    sku: row.orNull('sku'),
    barcode: row.orNull('barcode'),
    grams: row.value('grams', parseGrams, null, `a weight in grams; ${STAYS}`),
    requiresShipping: row.value(
      'requiresShipping',
      parseFlag,
      true,
      `true or false; ${STAYS}, a new variant is shipped`,
    ),
    taxable: row.value('taxable', parseFlag, true, `true or false; ${STAYS}, a new variant is taxed`),
    imageUrl: addressOf(row, 'variantImage', STAYS),
    stock: stockOf(row),
  };
  return prices && { ...others, prices };
}

/**
 * A missing price in the default currency is reported and the stored one stays: nothing becomes free by accident.
 * @returns undefined when the price in the default currency cannot be read
 */
function pricesOf(row: RowCells, columns: Columns, defaultCurrency: string): Map<string, ParsedPrice> | undefined {
  const prices = new Map<string, ParsedPrice>();
  let unreadable = false;
  for (const currency of new Set([...columns.prices.keys(), ...columns.compareAtPrices.keys()])) {
    const priceColumn = columns.prices.get(currency);
    const isDefault = currency === defaultCurrency;
    const amountMinor = priceOf(row, priceColumn, currency, isDefault ? LEFT_OUT : STAYS);
    unreadable ||= isDefault && priceColumn !== undefined && amountMinor === undefined;
    const compareAtMinor = priceOf(row, columns.compareAtPrices.get(currency), currency, STAYS);
    const missing = isDefault && amountMinor === null;
    if (missing) row.complain(priceColumn, 'missing_price', NO_PRICE);
    prices.set(currency, { amountMinor: missing ? undefined : amountMinor, compareAtMinor });
  }
  return unreadable ? undefined : prices;
}

const STATUS_STAYS = 'a product of the shop stays as it is, a new one is a draft';
const STAYS = 'what there was stays';
const LEFT_OUT = 'the variant was left out, and its quantity with it';
const NO_PRICE = 'has no price: a variant of the shop keeps the price that it has, a new one cannot be bought';

const QUANTITY = `a whole number, ${MAX_QUANTITY} at most; the quantity of a variant of the shop stays, a new one has 0 in stock`;

/** @param consequence what becomes of a price that cannot be read */
function priceOf(
  row: RowCells,
  index: number | undefined,
  currency: string,
  consequence: string,
): number | null | undefined {
  if (index === undefined) return undefined;
  const text = row.cell(index);
  if (text === '') return null;
  const minor = parseMinor(text, currency);
  if (minor === undefined) {
    const said = `"${text.slice(0, 40)}" is not an amount of ${currency} such as 19.99`;
    row.complain(index, 'bad_price', `${said}; ${consequence}`);
  }
  return minor;
}

/** A given quantity makes the variant counted, whether or not the file names a tracker. */
function stockOf(row: RowCells): ParsedStock {
  const quantity = row.value('quantity', parseQuantity, undefined, QUANTITY);
  if (quantity !== undefined && quantity < 0)
    row.complain('quantity', 'negative_quantity', `${quantity} was taken as 0`);
  const counted = row.raw('quantity') !== '' || row.raw('tracker') !== '';
  return {
    onHand: quantity === undefined ? undefined : Math.max(0, quantity),
    policy: row.value('policy', parsePolicy, 'deny', `deny or continue; ${STAYS}, a new variant gets deny`),
    tracked: counted || (row.has('tracker') ? false : undefined),
  };
}

function imageOf(row: RowCells, line: number): ParsedImage | undefined {
  const url = addressOf(row, 'imageUrl', 'the image was left out');
  if (!url) return undefined;
  const position = row.value(
    'imagePosition',
    parseQuantity,
    undefined,
    'a position; the image keeps its place in the file',
  );
  return { line, url, position, alt: row.orNull('imageAlt', MAX_SEO_TEXT) ?? null };
}

/** @param consequence what becomes of an address that is none */
function addressOf(row: RowCells, field: Field, consequence: string): string | null | undefined {
  const url = row.has(field) ? row.raw(field) : undefined;
  if (url === undefined || (url.length <= MAX_URL && isWebAddress(url))) return url;
  if (url === '') return null;
  row.complain(field, 'bad_address', `is not an address that begins with https:// or http://; ${consequence}`);
  return undefined;
}

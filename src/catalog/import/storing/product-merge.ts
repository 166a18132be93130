// Merges what the shop has and what a file says into the next state of a product.
// Rows with a title describe the whole product: variants and images that they do not name leave the shop's offer. Rows
// only add to the product if none has a title, if the same file brought the product in an earlier batch, or if one of
// them was left out: a dirty row must not remove from the shop what it names.
import type { PricesByCurrency, ProductRow, VariantRow } from '../../products/product.repository.js';
import type { ImportProblem } from '../import-report.js';
import {
  DEFAULT_OPTION,
  MAX_IMAGES,
  MAX_VARIANTS,
  type ParsedProduct,
  type ParsedVariant,
} from '../reading/parsed-product.js';
import { fitsOptions, withNamedVariants } from './option-fit.js';

export type VariantState = Omit<VariantRow, 'sku'> & { sku: string | null };

/** The next state of a variant, beside the stored one and what the file says of it. */
export interface NextVariant {
  readonly state: VariantState;
  readonly stored: VariantRow | undefined;
  readonly parsed: ParsedVariant | undefined;
}

export interface NextProduct {
  readonly parsed: ParsedProduct;
  readonly stored: ProductRow | undefined;
  readonly id: string;
  readonly fields: Pick<
    ProductRow,
    'title' | 'descriptionHtml' | 'vendor' | 'type' | 'tags' | 'status' | 'seoTitle' | 'seoDescription'
  >;
  readonly options: string[];
  readonly variants: NextVariant[];
  readonly images: { url: string; alt: string | null }[];
}

export interface MergeContext {
  /** The rows add to the product instead of describing all of it. */
  readonly adds: boolean;
  readonly newId: () => string;
  readonly report: (problem: ImportProblem) => void;
  /** Reports a variant that was left out. */
  readonly leaveOut: (variant: ParsedVariant, code: string, text: string) => void;
}

/** @returns undefined when there is nothing to make a new product of: no title, or no variant that could be used. */
export function mergeProduct(
  given: ParsedProduct,
  stored: ProductRow | undefined,
  context: MergeContext,
): NextProduct | undefined {
  const title = given.fields?.title ?? stored?.title;
  if (title === undefined || (!stored && given.variants.length === 0)) return undefined;
  const parsed = stored ? withNamedVariants(given, stored, context) : given;
  const adds = stored !== undefined && (context.adds || parsed.incomplete || parsed.fields === undefined);
  return {
    parsed,
    stored,
    id: stored?.id ?? context.newId(),
    fields: {
      title,
      descriptionHtml: parsed.fields?.descriptionHtml ?? stored?.descriptionHtml ?? '',
      vendor: parsed.fields?.vendor ?? stored?.vendor ?? '',
      type: parsed.fields?.type ?? stored?.type ?? '',
      tags: [...(parsed.fields?.tags ?? stored?.tags ?? [])],
      status: parsed.fields?.status ?? stored?.status ?? parsed.fields?.statusOfNew ?? 'published',
      seoTitle: said(parsed.fields?.seoTitle, stored?.seoTitle),
      seoDescription: said(parsed.fields?.seoDescription, stored?.seoDescription),
    },
    options: mergeOptions(parsed, stored, adds),
    variants: mergeVariants(parsed, stored, adds, context),
    images: mergeImages(parsed, stored, adds, context),
  };
}

/** What the file says, null included, or else what there was. */
function said<T>(parsed: T | null | undefined, stored: T | null | undefined): T | null {
  return parsed === undefined ? (stored ?? null) : parsed;
}

function mergeOptions(parsed: ParsedProduct, stored: ProductRow | undefined, adds: boolean): string[] {
  if (stored && (adds || parsed.variants.length === 0)) return stored.options;
  const known = stored?.options.length === parsed.optionNames.length ? stored.options : [];
  return parsed.optionNames.map(
    (name, index) => name ?? known[index] ?? (index === 0 ? DEFAULT_OPTION : `Option ${index + 1}`),
  );
}

function mergeVariants(
  parsed: ParsedProduct,
  stored: ProductRow | undefined,
  adds: boolean,
  context: MergeContext,
): NextVariant[] {
  const keyOf = (values: readonly string[]) => JSON.stringify(values);
  const storedByKey = new Map(stored?.variants.map((variant) => [keyOf(variant.optionValues), variant]));
  const fitting = parsed.variants.filter((variant) => !adds || fitsOptions(variant, stored, context));
  const keepsOthers = adds || fitting.length === 0;
  const onOffer = new Set(stored?.variants.filter(({ retired }) => !retired).map((v) => keyOf(v.optionValues)));
  let room = keepsOthers ? MAX_VARIANTS - onOffer.size : MAX_VARIANTS;
  const usable = fitting.filter((variant) => {
    if (keepsOthers && onOffer.has(keyOf(variant.optionValues))) return true;
    room -= 1;
    if (room >= 0) return true;
    const text = `a product has at most ${MAX_VARIANTS} variants, those it has already among them`;
    context.leaveOut(variant, 'too_many_variants', text);
    return false;
  });
  let position = keepsOthers ? Math.max(0, ...(stored?.variants ?? []).map((variant) => variant.position)) : 0;
  const merged: NextVariant[] = usable.map((variant) => {
    const before = storedByKey.get(keyOf(variant.optionValues));
    storedByKey.delete(keyOf(variant.optionValues));
    const place = keepsOthers && before ? before.position : ++position;
    return { state: mergeVariant(variant, before, place, context), stored: before, parsed: variant };
  });
  const others = [...storedByKey.values()].map((variant) => ({
    state: { ...variant, retired: variant.retired || !keepsOthers },
    stored: variant,
    parsed: undefined,
  }));
  return [...merged, ...others];
}

function mergeVariant(
  parsed: ParsedVariant,
  stored: VariantRow | undefined,
  position: number,
  { newId }: MergeContext,
): VariantState {
  return {
    id: stored?.id ?? newId(),
    position,
    title: parsed.optionValues.join(' / '),
    sku: said(parsed.sku, stored?.sku),
    optionValues: [...parsed.optionValues],
    grams: said(parsed.grams, stored?.grams),
    barcode: said(parsed.barcode, stored?.barcode),
    requiresShipping: parsed.requiresShipping ?? stored?.requiresShipping ?? true,
    taxable: parsed.taxable ?? stored?.taxable ?? true,
    imageUrl: said(parsed.imageUrl, stored?.imageUrl),
    retired: false,
    prices: mergePrices(parsed, stored),
  };
}

function mergePrices(parsed: ParsedVariant, stored: VariantRow | undefined): PricesByCurrency {
  const prices: PricesByCurrency = { ...stored?.prices };
  for (const [currency, price] of parsed.prices) {
    const before = stored?.prices[currency];
    const amountMinor = said(price.amountMinor, before?.amountMinor);
    const compareAtMinor = said(price.compareAtMinor, before?.compareAtMinor);
    if (amountMinor === null) delete prices[currency];
    else prices[currency] = { amountMinor, compareAtMinor };
  }
  return prices;
}

function mergeImages(
  parsed: ParsedProduct,
  stored: ProductRow | undefined,
  adds: boolean,
  { report }: MergeContext,
): NextProduct['images'] {
  const given = parsed.images?.map(({ url, alt }) => ({ url, alt }));
  if (!given || !stored) return given ?? stored?.images ?? [];
  if (!adds) return given;
  const byUrl = new Map(stored.images.map((image) => [image.url, image]));
  for (const { line, url, alt } of parsed.images ?? []) {
    if (byUrl.size < MAX_IMAGES || byUrl.has(url)) byUrl.set(url, { url, alt });
    else {
      const text = `a product has at most ${MAX_IMAGES} images, those it has already among them`;
      report({ line, handle: parsed.handle, code: 'too_many_images', text });
    }
  }
  return [...byUrl.values()];
}

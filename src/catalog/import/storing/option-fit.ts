// Which variants of a file fit the options of a product in the shop.
import type { ProductRow } from '../../products/product.repository.js';
import { DEFAULT_OPTION_VALUE, type ParsedProduct, type ParsedVariant } from '../reading/parsed-product.js';

interface Refusals {
  readonly leaveOut: (variant: ParsedVariant, code: string, text: string) => void;
}

/**
 * Leaves out variants without option values if the product's variants differ by options: such a row does not tell which
 * one it means, and would make one more that can be bought.
 */
export function withNamedVariants(parsed: ParsedProduct, stored: ProductRow, { leaveOut }: Refusals): ParsedProduct {
  const offered = stored.variants.filter(({ retired }) => !retired);
  if (offered.every(({ optionValues: [value, ...more] }) => value === DEFAULT_OPTION_VALUE && more.length === 0))
    return parsed;
  const variants = parsed.variants.filter(({ namesNoOption }) => !namesNoOption);
  if (variants.length === parsed.variants.length) return parsed;
  const columns = stored.options.map((_, index) => `Option${index + 1} Value`);
  const options = `option${columns.length === 1 ? '' : 's'} ${listed(stored.options)}`;
  const text = `${parsed.handle} has the ${options}: give ${listed(columns)}; the variant was left out`;
  // A row that only has the product's own fields means no variant at all.
  const refused = parsed.variants.filter(({ namesNoOption, isImplied }) => namesNoOption && !isImplied);
  for (const variant of refused) leaveOut(variant, 'missing_option_value', text);
  return { ...parsed, variants, incomplete: parsed.incomplete || refused.length > 0 };
}

/** Variants that are added must have as many options as the product has. */
export function fitsOptions(variant: ParsedVariant, stored: ProductRow | undefined, { leaveOut }: Refusals): boolean {
  const expected = stored?.options.length;
  if (!expected || expected === variant.optionValues.length) return true;
  const text = `the product has ${expected} options, the row ${variant.optionValues.length}; the variant was left out`;
  leaveOut(variant, 'option_mismatch', text);
  return false;
}

const listed = (names: readonly string[]) => names.join(', ').replace(/, ([^,]*)$/, ' and $1');

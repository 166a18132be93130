import type { ParsedProduct } from '../reading/parsed-product.js';

/** Products beyond this are not remembered: their later rows are refused because they have no title. */
const MOST_PRODUCTS = 5_000;

/**
 * New products whose rows have given no variant so far. Only the first row of a product describes it: if its rows stand
 * apart in the file, later ones may bring a variant, and need that description.
 */
export class AwaitingVariants {
  private readonly byHandle = new Map<string, ParsedProduct>();

  clear(): void {
    this.byHandle.clear();
  }

  /** Notes rows that made no product; without a title they say nothing that later ones need. */
  note(parsed: ParsedProduct): void {
    if (parsed.fields && this.byHandle.size < MOST_PRODUCTS) this.byHandle.set(parsed.handle, parsed);
  }

  /** @returns the rows, completed by earlier ones of a product that waits */
  complete(parsed: ParsedProduct): ParsedProduct {
    const earlier = parsed.fields ? undefined : this.byHandle.get(parsed.handle);
    if (!earlier) return parsed;
    return {
      ...parsed,
      fields: earlier.fields,
      optionNames: parsed.optionNames.map((name, i) => name ?? earlier.optionNames[i]),
      images: parsed.images && [...(earlier.images ?? []), ...parsed.images],
      collection: parsed.collection ?? earlier.collection,
    };
  }
}

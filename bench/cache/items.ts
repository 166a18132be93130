/** What is cached: about 1 KB of JSON, as an offer of a shop looks like. */
export interface Item {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly variants: readonly { readonly sku: string; readonly priceMinor: number; readonly available: boolean }[];
}

/** How many different items the hits go through. */
export const itemCount = 1_000;

const words = 'linen cotton wool silk blue grey warm soft light simple '.repeat(7);

/** No side may be so full that it drops what is measured. */
export const mostItems = 100_000;

export const itemKey = (index: number): string => `item-${index}`;

export function makeItem(id: string): Item {
  return {
    id,
    title: `An item of the shop, ${id}`,
    description: words,
    variants: Array.from({ length: 6 }, (_, i) => ({
      sku: `${id}-${i}`,
      priceMinor: 1_000 + i,
      available: i % 2 === 0,
    })),
  };
}

/** No tags, or three as a product has: one of its own, one that many share, one that all share. */
export function tagsOf(id: string, count: number): string[] {
  return [`item:${id}`, `group:${id.at(-1)}`, 'all'].slice(0, count);
}

import { importCsv } from '../harness/sample-catalog.ts';

/** Enough variants that two shoppers seldom want the same one, each with more stock than can be sold. */
const products = 1_000;
const inStock = 1_000_000;
const header =
  'Handle,Title,Variant SKU,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Published,Variant Requires Shipping';

/** Fills a shop with products of one variant each. @returns the ids of the variants */
export async function stockShop(url: string): Promise<string[]> {
  const rows = Array.from(
    { length: products },
    (_, n) => `thing-${n},Thing ${n},T-${n},${inStock},deny,19.99,true,true`,
  );
  await importCsv(url, [header, ...rows].join('\n'));
  const variantIds: string[] = [];
  for (let n = 0; n < products; n++) {
    const answer = await fetch(`${url}/v1/products/thing-${n}`);
    const { variants } = (await answer.json()) as { variants: { id: string }[] };
    variantIds.push(...variants.map(({ id }) => id));
  }
  return variantIds;
}

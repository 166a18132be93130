// A SKU names one variant on offer. The first to have it, in the shop or earlier in the file, keeps it; a variant that
// gives its SKU up in the same batch frees it for another.
import type { ImportProblem } from '../import-report.js';
import type { NextProduct } from './product-merge.js';

/**
 * Removes SKUs that belong to another variant, and reports each.
 * @param owners the shop's variant on offer that has the SKU, by SKU
 */
export function assignSkus(
  products: readonly NextProduct[],
  owners: ReadonlyMap<string, string>,
  report: (problem: ImportProblem) => void,
): void {
  const givenUp = new Set<string>();
  for (const { state, stored } of products.flatMap((product) => product.variants)) {
    if (stored?.sku && (state.retired || state.sku !== stored.sku)) givenUp.add(stored.id);
  }
  const claimed = new Map<string, { id: string; line: number | undefined }>();
  for (const { parsed: product, variants } of products) {
    for (const { state, parsed } of variants) {
      if (state.sku === null || state.retired) continue;
      const owner = owners.get(state.sku);
      const taken =
        claimed.get(state.sku) ?? (owner && !givenUp.has(owner) ? { id: owner, line: undefined } : undefined);
      if (!taken || taken.id === state.id) {
        claimed.set(state.sku, { id: state.id, line: parsed?.line });
        continue;
      }
      const holder = taken.line === undefined ? 'another variant' : `the variant of line ${taken.line}`;
      report({
        line: parsed?.line ?? product.line,
        handle: product.handle,
        code: 'duplicate_sku',
        text: `${holder} has the SKU "${state.sku}"; this one was imported without it`,
      });
      state.sku = null;
    }
  }
}

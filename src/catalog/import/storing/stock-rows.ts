// What inventory needs to know of an imported product: its stock in the file, and which SKU now names which variant.
import type { StockIntakeRow } from '../../../platform/stock-intake.js';
import type { NextProduct, NextVariant } from './product-merge.js';

/** A new variant about whose stock the file says nothing is not counted. */
export function stockRows({ variants }: NextProduct): StockIntakeRow[] {
  return variants.flatMap((variant): StockIntakeRow[] => {
    const { state, stored, parsed } = variant;
    if (parsed && (!stored || parsed.stock.tracked !== undefined)) {
      const { onHand, tracked = false } = parsed.stock;
      const policy = parsed.stock.policy ?? (stored ? undefined : 'deny');
      return [{ variantId: state.id, sku: state.sku, onHand, policy, tracked }];
    }
    return renamed(variant) ? [{ variantId: state.id, sku: skuOnOffer(state), ...unsaid }] : [];
  });
}

const unsaid = { onHand: undefined, policy: undefined, tracked: undefined };

function renamed({ state, stored }: NextVariant): boolean {
  return stored !== undefined && skuOnOffer(stored) !== skuOnOffer(state);
}

/** A variant that is no longer on offer leaves its SKU to others. */
function skuOnOffer({ sku, retired }: { sku: string | null; retired: boolean }): string | null {
  return retired ? null : sku;
}

import type { StockPolicy } from './stock-level.js';

/** What a shopper may know of a variant's stock now. */
export interface Availability {
  readonly variantId: string;
  /** Units that can be bought now; null when the variant is not counted. */
  readonly available: number | null;
  readonly state: AvailabilityState;
}

/** `low` is at or below LOW_STOCK_THRESHOLD; `backorder` is sold out but can be ordered. */
export const availabilityStates = ['in_stock', 'low', 'out', 'backorder'] as const;
export type AvailabilityState = (typeof availabilityStates)[number];

export interface CountedStock {
  readonly onHand: number;
  readonly held: number;
  readonly policy: StockPolicy;
  readonly tracked: boolean;
}

/** @param stock undefined when nobody ever reported stock of this variant: then there is none */
export function availabilityOf(variantId: string, stock: CountedStock | undefined, lowThreshold: number): Availability {
  if (!stock) return { variantId, available: 0, state: 'out' };
  if (!stock.tracked) return { variantId, available: null, state: 'in_stock' };
  const available = Math.max(0, stock.onHand - stock.held);
  return { variantId, available, state: stateOf(available, stock.policy, lowThreshold) };
}

function stateOf(available: number, policy: StockPolicy, lowThreshold: number): AvailabilityState {
  if (available === 0) return policy === 'backorder' ? 'backorder' : 'out';
  return available <= lowThreshold ? 'low' : 'in_stock';
}

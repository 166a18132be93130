import type { StockPolicy } from './stock-level.js';

/** What a shopper may know of a variant's stock now. */
export interface Availability {
  readonly variantId: string;
  /** Units that can be bought now; null when the variant is not counted. */
  readonly available: number | null;
  readonly state: AvailabilityState;
}

/** `low` is at or below the threshold of its levels or, without one, LOW_STOCK_THRESHOLD; `backorder` is sold out but can be ordered. */
export const availabilityStates = ['in_stock', 'low', 'out', 'backorder'] as const;
export type AvailabilityState = (typeof availabilityStates)[number];

/** Stock of a variant at one location, and what is held of it. */
export interface CountedStock {
  readonly onHand: number;
  readonly held: number;
  readonly policy: StockPolicy;
  readonly tracked: boolean;
  /** The most that may be held in all; null when nothing limits it. */
  readonly holdLimit: number | null;
  /** Null where the shop's threshold counts. */
  readonly lowStockThreshold: number | null;
}

/**
 * @param stock one for each location; none when nobody ever reported stock of this variant
 * @param shopThreshold LOW_STOCK_THRESHOLD. Of several levels the highest threshold counts for what they have together.
 */
export function availabilityOf(variantId: string, stock: readonly CountedStock[], shopThreshold: number): Availability {
  if (stock.some(({ tracked }) => !tracked)) return { variantId, available: null, state: 'in_stock' };
  // Orders take what lies anywhere: what is held of one location beyond what it has is not left at another.
  const available = Math.max(
    0,
    stock.reduce((sum, level) => sum + unitsLeft(level), 0),
  );
  const low = Math.max(0, ...stock.map(({ lowStockThreshold }) => lowStockThreshold ?? shopThreshold));
  if (available > low) return { variantId, available, state: 'in_stock' };
  if (available > 0) return { variantId, available, state: 'low' };
  return { variantId, available, state: stock.some(canBeOwed) ? 'backorder' : 'out' };
}

/** Units that lie there for shoppers; below 0 when more is held. */
export const unitsLeft = ({ onHand, held, holdLimit }: Pick<CountedStock, 'onHand' | 'held' | 'holdLimit'>): number =>
  Math.min(onHand, holdLimit ?? onHand) - held;

const canBeOwed = ({ policy, held, holdLimit }: CountedStock) =>
  policy === 'backorder' && (holdLimit === null || holdLimit > held);

/** What a shopper may know of a variant's stock now. */
export interface Availability {
  readonly variantId: string;
  /** Units that can be bought now; null when the variant is not counted. */
  readonly available: number | null;
  readonly state: AvailabilityState;
}

/** `low` is at or below the threshold of its levels or, without one, LOW_STOCK_THRESHOLD; `backorder` is sold out but can be ordered. */
export const availabilityStates = ['in_stock', 'low', 'out', 'backorder'] as const;
/** How a variant's stock is told to shoppers. */
export type AvailabilityState = (typeof availabilityStates)[number];

/** Stock of a variant at one location, and what is held of it. */
export interface CountedStock {
  readonly onHand: number;
  /** What orders may take of it; null where the level in Redis was written before it had this. */
  readonly sellable: number | null;
  readonly held: number;
  readonly tracked: boolean;
  /** The most that may be held in all; null when nothing limits it. */
  readonly holdLimit: number | null;
  /** Null where the shop's threshold counts. */
  readonly lowStockThreshold: number | null;
}

/**
 * @param stock one for each location; none when nobody ever reported stock of this variant
 * @param shopThreshold LOW_STOCK_THRESHOLD. The highest threshold of the levels applies to their sum.
 */
export function availabilityOf(variantId: string, stock: readonly CountedStock[], shopThreshold: number): Availability {
  if (stock.some(({ tracked }) => !tracked)) return { variantId, available: null, state: 'in_stock' };
  const sumOf = (units: (level: CountedStock) => number) => stock.reduce((sum, level) => sum + units(level), 0);
  const available = Math.max(0, sumOf(unitsLeft));
  const low = Math.max(0, ...stock.map(({ lowStockThreshold }) => lowStockThreshold ?? shopThreshold));
  if (available > low) return { variantId, available, state: 'in_stock' };
  if (available > 0) return { variantId, available, state: 'low' };
  return { variantId, available, state: sumOf(roomToHold) > 0 ? 'backorder' : 'out' };
}

/**
 * Units at this location that shoppers can buy. Units held as a backorder are owed here and take nothing from other
 * locations; units held beyond the limit do, as in `reserve`: the result is below 0 then.
 */
export function unitsLeft(level: Omit<CountedStock, 'tracked' | 'lowStockThreshold'>): number {
  const there = Math.min(level.onHand, level.sellable ?? level.holdLimit ?? level.onHand);
  return Math.max(0, there - level.held) + Math.min(0, roomToHold(level));
}

/** What `reserve` finds there (lua/shared/taking-stock.lua), backorders included. */
const roomToHold = ({ held, holdLimit }: Pick<CountedStock, 'held' | 'holdLimit'>) =>
  (holdLimit ?? Number.POSITIVE_INFINITY) - held;

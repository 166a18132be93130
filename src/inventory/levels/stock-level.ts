/** What happens when a variant is sold out: no more orders, or orders that wait. */
export type StockPolicy = 'deny' | 'backorder';

/** Stock of one variant at one location, as PostgreSQL has it. */
export interface StockLevel {
  readonly variantId: string;
  readonly locationId: string;
  /** Units that are there and promised to no order. */
  readonly onHand: number;
  /** Those of them that orders may take: without the safety stock. Null when nobody counts them. */
  readonly sellable: number | null;
  /** Grows with every change. Versions are compared within one epoch. */
  readonly version: number;
  readonly epoch: number;
  readonly policy: StockPolicy;
  /** False: not counted, can always be bought. */
  readonly tracked: boolean;
  /**
   * The most units that may be held of it in total, worked out by PostgreSQL alone: what is there without the safety
   * stock, and for a backorder what may still be owed. Null when nothing limits it.
   */
  readonly holdLimit: number | null;
  /** At or below this many the stock is low; null where LOW_STOCK_THRESHOLD says it. */
  readonly lowStockThreshold: number | null;
}

/** Levels read in one statement, with the epoch that was in force then, also when there are no levels. */
export interface LevelSnapshot {
  readonly epoch: number;
  readonly levels: readonly StockLevel[];
}

// A port: the catalogue learns of stock when it imports products, and inventory keeps it, but neither may import the
// other. The catalogue calls this inside its own transaction; InventoryModule provides it.
import type { Tx } from './database/database.js';

/** What an import knows about the stock of one variant. `undefined` leaves what there is as it is. */
export interface StockIntakeRow {
  readonly variantId: string;
  /**
   * Inventory finds variants by it; null when there is none, or the variant is no longer on offer. It names one variant:
   * whichever had it before loses it.
   */
  readonly sku: string | null;
  /** Units there are now, a whole number from 0; undefined leaves the quantity as it is (0 for a new variant). */
  readonly onHand: number | undefined;
  /** What happens when it is sold out: no more orders, or orders that wait. */
  readonly policy: 'deny' | 'backorder' | undefined;
  /** False when nobody counts this variant: it can always be bought and takes no stock. */
  readonly tracked: boolean | undefined;
}

export abstract class StockIntake {
  /**
   * Brings the default location to what the rows say, in the caller's transaction. Quantities are absolute: the first
   * one of a variant is a receipt, a different one later a correction, an equal one writes nothing, so that an import
   * can be repeated. A variant without a level gets one when its row has a policy and says whether it is counted.
   * Levels are locked in the order that all writers of stock keep: call it once per transaction, or
   * two transactions may wait for each other. `OutboxRelay.nudge()` after the commit lets Redis follow at once.
   *
   * @param rows at most 60,000, each variant and each SKU once
   * @param reason why the stock changed, for the ledger
   * @throws RangeError when a row breaks these bounds
   */
  abstract receive(tx: Tx, rows: readonly StockIntakeRow[], reason: string): Promise<void>;
}

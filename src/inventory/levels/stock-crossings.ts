// Announces that a level becomes low, runs out or is back in stock: once for each crossing, in the transaction that changes
// the level.
import type { Tx } from '../../platform/database/database.js';
import { appendToOutbox, type OutboxEvent } from '../../platform/outbox/outbox.js';

/** What a statement that changes levels returns of each. */
export interface ChangedLevelRow {
  readonly variant_id: string;
  readonly location_id: string;
  readonly version: string;
  /** Null when nobody counts the level: there is enough. */
  readonly sellable_before: number | null;
  readonly sellable: number | null;
  /** Null when the shop's own threshold counts. */
  readonly low_stock_threshold: number | null;
}

export type Crossing = 'inventory.low-stock' | 'inventory.out-of-stock' | 'inventory.back-in-stock';

/** @param shopThreshold LOW_STOCK_THRESHOLD, for levels without their own */
export async function tellCrossings(tx: Tx, rows: readonly ChangedLevelRow[], shopThreshold: number): Promise<void> {
  const events = rows.flatMap((row): OutboxEvent[] => {
    const event = crossingOf(row.sellable_before, row.sellable, row.low_stock_threshold ?? shopThreshold);
    const payload = { variantId: row.variant_id, locationId: row.location_id, version: Number(row.version) };
    return event ? [{ event, payload }] : [];
  });
  await appendToOutbox(tx, events);
}

/** Running out is not low stock as well, and any return from zero is back in stock. */
export function crossingOf(before: number | null, after: number | null, threshold: number): Crossing | undefined {
  const was = before ?? Number.POSITIVE_INFINITY;
  const is = after ?? Number.POSITIVE_INFINITY;
  if (was > 0 && is === 0) return 'inventory.out-of-stock';
  if (was === 0 && is > 0) return 'inventory.back-in-stock';
  return was > threshold && is <= threshold && is > 0 ? 'inventory.low-stock' : undefined;
}

import type { StockLevel } from '../levels/stock-level.js';
import type { HoldLine } from './hold-lines.js';

/** A line that cannot be had: how many were wanted and how many there are. */
export interface ShortLine {
  readonly variantId: string;
  readonly requested: number;
  readonly available: number;
}

/** What became of a request to set stock aside. */
export type ReserveResult =
  /**
   * Held until then (ms since the epoch, by the clock of Redis), at these locations; the same again for a repeated request.
   * What cannot be had whole at the first location in rank comes from the next ones. No locations while Redis is away.
   */
  | { readonly kind: 'reserved'; readonly expiresAtMs: number; readonly held: readonly HoldLine[] }
  /** Nothing was held. */
  | { readonly kind: 'short'; readonly lines: readonly ShortLine[] }
  /** The hold was given back or has become an order before; it never revives. */
  | { readonly kind: 'resolved' }
  /** The hold exists with other lines. */
  | { readonly kind: 'conflict' };

/** What became of a request to let a hold live longer. Times are ms since the epoch, by the clock of Redis. */
export type ExtendResult =
  /** Lives until then: never shorter than before, and no longer than `maxTotalMs` allows. */
  | { readonly kind: 'extended'; readonly expiresAtMs: number }
  /** It had lapsed or was lost, and was taken again with all its lines. */
  | { readonly kind: 'reacquired'; readonly expiresAtMs: number }
  /** It had lapsed, and its stock has gone to others. */
  | { readonly kind: 'expired'; readonly lines: readonly ShortLine[] }
  /** It was given back or has become an order before; it never revives. */
  | { readonly kind: 'resolved' };

/** `released` by this call, `already` before it; `committed`: it has become an order, and nothing was given back. */
export type ReleaseResult = { readonly kind: 'released' | 'already' | 'committed' };

/** `committed` by this call, `already` before it; `no_hold`: there was none to drop, and the levels were brought up to date. */
export type CommitResult = { readonly kind: 'committed' | 'already' | 'no_hold' };

/** Units that an order gave back to a level. */
export interface RestockedLine {
  readonly variantId: string;
  readonly locationId: string;
  readonly quantity: number;
}

/** What became of the stock that orders ask for. */
export type AllocateResult =
  /** The levels that changed, as they are when the transaction commits; untracked variants have none. */
  | { readonly kind: 'allocated'; readonly levels: readonly StockLevel[] }
  /** Nothing was written; roll the transaction back, since it keeps the levels locked. */
  | { readonly kind: 'short'; readonly lines: readonly ShortLine[] };

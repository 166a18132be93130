import type { Cart } from './levels.ts';

/** One round of our side. */
export interface GatePlan {
  readonly cart: Cart;
  readonly inFlight: number;
  readonly seconds: number;
}

export interface GateOutcome {
  readonly perSecond: number;
  readonly p99Ms: number;
}

// How a level is written in Redis (lua/shared/stock-levels.lua).

import type { StockLevel } from '../levels/stock-level.js';
import type { LimitCode, PolicyCode } from './inventory.scripts.js';

/** Where a level is kept. */
export interface Place {
  readonly variantId: string;
  readonly locationId: string;
}

/** A level as Redis has it. */
export interface LevelInRedis {
  readonly epoch: number;
  readonly version: number;
  readonly onHand: number;
  readonly sellable: number | null;
  readonly policy: PolicyCode;
  readonly limit: LimitCode;
  readonly lowStockThreshold: number | null;
}

export function policyCodeOf({ tracked, policy }: StockLevel): PolicyCode {
  if (!tracked) return 'u';
  return policy === 'backorder' ? 'b' : 'd';
}

/** The most that may be held of a level. */
export function limitCodeOf({ tracked, holdLimit }: StockLevel): LimitCode {
  if (!tracked) return 'u';
  return holdLimit ?? 'b';
}

/** Arguments for each level of the scripts that bring levels up to date. */
export const levelArgs = (level: StockLevel) => [
  level.version,
  level.onHand,
  policyCodeOf(level),
  limitCodeOf(level),
  level.lowStockThreshold ?? '',
  level.sellable ?? '',
];

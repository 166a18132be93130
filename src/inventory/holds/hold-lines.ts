// The lines of a hold in the one form that its fingerprint, its record and its keys are made from: each variant once,
// sorted. Also a hold's stock by place, as text.
import { hash } from 'node:crypto';
import { DEFAULT_LOCATION_ID } from '../locations/locations.js';

/** What somebody wants: a variant may come several times. */
export interface StockLine {
  readonly variantId: string;
  /** Units, a whole number from 1. */
  readonly quantity: number;
}

/** Units of a variant at one location. */
export interface HoldLine extends StockLine {
  readonly locationId: string;
}

/** Most different variants that one hold, and one order, may have. */
export const MAX_HOLD_LINES = 100;
const MAX_QUANTITY = 1_000_000_000;

/** Adds up lines of the same variant and sorts them. @throws RangeError beyond 100 variants or for an absurd quantity */
export function toHoldLines(lines: readonly StockLine[]): HoldLine[] {
  const quantityOf = new Map<string, number>();
  for (const { variantId, quantity } of lines) {
    const id = variantId.toLowerCase();
    quantityOf.set(id, (quantityOf.get(id) ?? 0) + requireQuantity(quantity));
  }
  if (quantityOf.size === 0 || quantityOf.size > MAX_HOLD_LINES) {
    throw new RangeError(`A hold has 1 to ${MAX_HOLD_LINES} different variants, not ${quantityOf.size}.`);
  }
  return [...quantityOf]
    .map(([variantId, quantity]) => ({
      variantId,
      locationId: DEFAULT_LOCATION_ID,
      quantity: requireQuantity(quantity),
    }))
    .sort((a, b) => (a.variantId < b.variantId ? -1 : 1));
}

function requireQuantity(quantity: number): number {
  if (Number.isInteger(quantity) && quantity >= 1 && quantity <= MAX_QUANTITY) return quantity;
  throw new RangeError(`A quantity is a whole number from 1 to ${MAX_QUANTITY}, not ${quantity}.`);
}

/** Tells lines apart, wherever their stock is taken from: 96 bits of SHA-256. */
export function fingerprintOf(lines: readonly StockLine[]): string {
  const asked = lines.map(({ variantId, quantity }) => `${variantId}:${quantity}`).join(',');
  return hash('sha256', asked, 'base64url').slice(0, 16);
}

/** `variant:location:quantity,…`, as a hold's record keeps them. */
export function writeHoldLines(lines: readonly HoldLine[]): string {
  return lines.map(({ variantId, locationId, quantity }) => `${variantId}:${locationId}:${quantity}`).join(',');
}

export function readHoldLines(text: string): HoldLine[] {
  return text.split(',').map((line) => {
    const [variantId, locationId, quantity, ...rest] = line.split(':');
    if (!variantId || !locationId || !Number.isInteger(Number(quantity)) || rest.length > 0) {
      throw new Error('The record of a hold cannot be read.');
    }
    return { variantId, locationId, quantity: Number(quantity) };
  });
}

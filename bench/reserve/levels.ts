// The stock that is held: many variants, of which there is always enough.
export const EPOCH = 1;
export const LOCATION_ID = '00000000-0000-4000-8000-000000000001';
export const variantCount = 10_000;

/** What is in a cart: so many lines, the first of the hot variant or all of any. */
export interface Cart {
  readonly lines: number;
  readonly hot: boolean;
}

/** @param number below `variantCount`, or twelve characters that stand for one */
export const variantId = (number: number | string) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

/** The variants of a cart. @param pick chooses a number below `variantCount` */
export function fill({ lines, hot }: Cart, pick: () => number | string): string[] {
  return Array.from({ length: lines }, (_, line) => variantId(hot && line === 0 ? 0 : pick()));
}

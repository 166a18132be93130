// Amounts are whole minor units (cents) of an ISO 4217 currency. No floating point ever touches an amount.
import { z } from 'zod';

// ISO 4217, list one: the currencies that do not have two decimals.
const decimalsOtherThanTwo: Record<string, number> = {
  ...Object.fromEntries(
    'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' ').map((c) => [c, 0]),
  ),
  ...Object.fromEntries('BHD IQD JOD KWD LYD OMR TND'.split(' ').map((c) => [c, 3])),
};
const known = new Set(Intl.supportedValuesOf('currency'));

/** Largest amount of one price or total: far above any shop, far below where doubles lose whole numbers. */
export const MAX_AMOUNT_MINOR = 1_000_000_000_000;

export function isCurrency(code: string): boolean {
  return known.has(code);
}

/** How many decimals the currency has: 2 for USD, 0 for JPY, 3 for KWD. */
export function currencyDecimals(currency: string): number {
  return decimalsOtherThanTwo[currency] ?? 2;
}

export const currencyCode = z
  .string()
  .refine(isCurrency, 'must be an ISO 4217 currency code in capitals, like USD')
  .meta({ description: 'ISO 4217 currency code', example: 'USD' });

export const money = z
  .object({ amount: z.int().meta({ description: 'minor units', example: 1999 }), currency: currencyCode })
  .meta({ id: 'Money', description: 'An amount in minor units of its currency.' });

/**
 * Reads a decimal text ("19.99", "1999", "0.5") as minor units, exactly.
 * @returns the minor units, or undefined when the text is not such a number, has too many decimals or is too large.
 */
export function parseMinor(text: string, currency: string): number | undefined {
  const match = /^(\d{1,12})(?:\.(\d{1,8}))?$/.exec(text.trim());
  if (!match?.[1]) return undefined;
  const decimals = currencyDecimals(currency);
  const fraction = (match[2] ?? '').replace(/0+$/, '');
  if (fraction.length > decimals) return undefined;
  const minor = Number(match[1] + fraction.padEnd(decimals, '0'));
  return minor <= MAX_AMOUNT_MINOR ? minor : undefined;
}

/** Minor units as decimal text: `formatMinor(1999, 'USD')` is "19.99". */
export function formatMinor(amountMinor: number, currency: string): string {
  const decimals = currencyDecimals(currency);
  const sign = amountMinor < 0 ? '-' : '';
  const digits = String(Math.abs(amountMinor)).padStart(decimals + 1, '0');
  return decimals === 0 ? sign + digits : `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** `value × numerator / denominator` in exact arithmetic, halves away from zero. */
export function mulDivRound(value: number, numerator: number, denominator: number): number {
  const product = BigInt(value) * BigInt(numerator) * 2n;
  const divisor = BigInt(denominator);
  const half = product >= 0n ? divisor : -divisor;
  return Number((product + half) / (divisor * 2n));
}

/**
 * Spreads `totalMinor` over `weights` so that the parts add up to it exactly and each is within one unit of its share.
 * Largest remainder method (Hamilton); ties go to the earlier part. All-zero weights share equally.
 */
export function spreadByLargestRemainder(totalMinor: number, weights: readonly number[]): number[] {
  if (weights.length === 0) return [];
  const sum = weights.reduce((a, b) => a + BigInt(b), 0n);
  if (sum === 0n)
    return spreadByLargestRemainder(
      totalMinor,
      weights.map(() => 1),
    );
  const total = BigInt(totalMinor);
  const parts = weights.map((weight, index) => {
    const product = total * BigInt(weight);
    return { index, share: product / sum, remainder: product % sum };
  });
  let left = Number(total - parts.reduce((a, part) => a + part.share, 0n));
  const result = parts.map((part) => Number(part.share));
  for (const part of [...parts].sort((a, b) => Number(b.remainder - a.remainder) || a.index - b.index)) {
    if (left === 0) break;
    result[part.index] = (result[part.index] ?? 0) + 1;
    left -= 1;
  }
  return result;
}

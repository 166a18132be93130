const firstMs = 200;
const longestMs = 5_000;
const mostFailures = 8;
/** A process that ran this long has recovered: failures are counted anew. */
export const provenAfterMs = 30_000;

/**
 * How long to wait before starting again after so many failures in a row.
 * @returns `undefined` when trying again makes no sense
 */
export function restartDelayMs(failures: number): number | undefined {
  if (failures > mostFailures) return undefined;
  return Math.min(longestMs, firstMs * 2 ** (failures - 1));
}

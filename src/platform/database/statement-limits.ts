/**
 * Of statements for many requests. While one waits for the disk the next may be written, but only when it is worth a
 * statement of its own: what one costs by itself is most of what a small one costs.
 */
export const STATEMENT_LIMITS = { maxItems: 64, maxInFlight: 2, minBeside: 16 } as const;

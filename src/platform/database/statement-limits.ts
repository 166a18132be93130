/**
 * Limits of statements for many requests. While one waits for the disk the next may be sent, but only when it is large
 * enough: most of the cost of a small statement is fixed.
 */
export const STATEMENT_LIMITS = { maxItems: 64, maxInFlight: 2, minBeside: 16 } as const;

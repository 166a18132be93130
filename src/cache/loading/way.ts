/**
 * How a load goes through the tiers.
 *
 * - `read`: from redis if it is there.
 * - `renew`: from the origin, unless another process is doing that: then its result is waited for.
 * - `force`: from the origin, whatever is there and whoever else is loading; the answer is kept.
 * - `direct`: from the origin, and redis is neither read nor written.
 */
export type Way = 'read' | 'renew' | 'force' | 'direct';

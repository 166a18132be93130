// Which hits are sampled: all of them while there are few, then about a thousand per second, but on average at least one in
// 1,024. The gaps are drawn at random, since a regular one would always meet the same keys of a regular reader.

const BUSY_MS = 0.5;
const QUIET_MS = 2;
const WIDEST_GAP = 1_024;

export class HitSampler {
  /** Counted down by the caller; at zero a hit is sampled. */
  untilSample = 1;
  /** How many hits one sample stands for. */
  weight = 1;
  private lastAtMs = 0;

  /** Draws the gap to the next sample: wider when the last two came close together. */
  next(nowMs: number): void {
    const sinceMs = nowMs - this.lastAtMs;
    this.lastAtMs = nowMs;
    if (sinceMs < BUSY_MS) this.weight = Math.min(this.weight * 2, WIDEST_GAP);
    else if (sinceMs > QUIET_MS) this.weight = Math.max(1, this.weight / 2);
    // Uniform over 1 … 2w − 1: w on average. A small integer, which counts down faster than a double does.
    this.untilSample = (1 + Math.random() * (2 * this.weight - 1)) | 0;
  }
}

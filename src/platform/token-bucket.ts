/** `perS` tokens in a second, and a second's worth at once (token bucket: RFC 3290, appendix A). */
export class TokenBucket {
  private tokens: number;
  private filledAtMs: number;

  constructor(
    private readonly perS: number,
    nowMs: number,
  ) {
    this.tokens = perS;
    this.filledAtMs = nowMs;
  }

  /** Takes a token. @returns 0, or when there is none, in how long there will be one (ms). */
  take(nowMs: number): number {
    this.tokens = Math.min(this.perS, this.tokens + (Math.max(0, nowMs - this.filledAtMs) / 1_000) * this.perS);
    this.filledAtMs = nowMs;
    if (this.tokens < 1) return ((1 - this.tokens) / this.perS) * 1_000;
    this.tokens--;
    return 0;
  }
}

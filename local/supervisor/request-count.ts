/** Signals handed on this close together are one request: npm and the launcher both hand theirs on. */
const sameRequestMs = 500;

/**
 * Counts requests to stop. One Ctrl-C arrives several times: from the terminal, which signals the whole group, and handed on
 * by the launcher, for itself and for npm. Every signal of the terminal counts, however close together. One handed on counts
 * only if no request came just before; the terminal's own signal may still follow it, and is then not counted again.
 */
export class RequestCount {
  #count = 0;
  #lastMs = Number.NEGATIVE_INFINITY;
  /** When a request was handed on that the terminal has not signalled yet. */
  #aheadMs = Number.NEGATIVE_INFINITY;

  /** Notes a SIGINT of the terminal. @returns the number of requests so far */
  interrupt(nowMs: number): number {
    if (nowMs - this.#aheadMs >= sameRequestMs) this.#count++;
    this.#aheadMs = Number.NEGATIVE_INFINITY;
    this.#lastMs = nowMs;
    return this.#count;
  }

  /** Notes a request that another process hands on. @returns the number of requests so far */
  handOn(nowMs: number): number {
    if (nowMs - this.#lastMs >= sameRequestMs) {
      this.#count++;
      this.#lastMs = nowMs;
      this.#aheadMs = nowMs;
    }
    return this.#count;
  }
}

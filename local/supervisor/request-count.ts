/** What is handed on this close together is one request: npm and the launcher both hand on what reaches them. */
const sameRequestMs = 500;

/**
 * How often somebody has asked to stop. One Ctrl-C arrives several times: once from the terminal, which signals the whole group,
 * and handed on by the launcher, for itself and for npm. Those of the terminal are counted one by one, however close together;
 * what is handed on counts when nothing was asked for just before, and then the terminal's own signal may still follow it.
 */
export class RequestCount {
  #count = 0;
  #lastMs = Number.NEGATIVE_INFINITY;
  /** When something was handed on that the terminal has not signalled yet. */
  #aheadMs = Number.NEGATIVE_INFINITY;

  /** Notes a SIGINT of the terminal. @returns how many requests there were */
  interrupt(nowMs: number): number {
    if (nowMs - this.#aheadMs >= sameRequestMs) this.#count++;
    this.#aheadMs = Number.NEGATIVE_INFINITY;
    this.#lastMs = nowMs;
    return this.#count;
  }

  /** Notes what another process has handed on. @returns how many requests there were */
  handOn(nowMs: number): number {
    if (nowMs - this.#lastMs >= sameRequestMs) {
      this.#count++;
      this.#lastMs = nowMs;
      this.#aheadMs = nowMs;
    }
    return this.#count;
  }
}

/** What is handed on this close together is one request: npm and the launcher both hand on what reaches them. */
const sameRequestMs = 500;

/**
 * How often somebody has asked to stop. One Ctrl-C arrives several times: once from the terminal, which signals the whole group,
 * and handed on by the launcher, for itself and for npm. Those of the terminal are counted one by one, however close together;
 * what is handed on is counted beside them, and the larger number is true.
 */
export class RequestCount {
  #interrupts = 0;
  #handedOn = 0;
  #lastHandedOnMs = Number.NEGATIVE_INFINITY;

  /** Notes a SIGINT of the terminal. @returns how many requests there were */
  interrupt(): number {
    this.#interrupts++;
    return this.#count;
  }

  /** Notes what another process has handed on. @returns how many requests there were */
  handOn(nowMs: number): number {
    if (nowMs - this.#lastHandedOnMs >= sameRequestMs) {
      this.#lastHandedOnMs = nowMs;
      this.#handedOn++;
    }
    return this.#count;
  }

  get #count(): number {
    return Math.max(this.#interrupts, this.#handedOn);
  }
}

// A scheduler of races: steps wait for their turn, and a seeded choice says whose it is. It chooses only when nothing
// else goes on, so that a seed repeats the order of the steps as far as real servers let it.
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../support/random.js';

/** When nobody has moved for so long, nobody will. */
const STUCK_MS = 5_000;

export class Turns {
  private waiting: (() => void)[] = [];
  private readonly underWay = new Set<Promise<unknown>>();

  private isOver = false;

  constructor(private readonly random: Random) {}

  /** Resolves when it is the caller's turn. */
  take(): Promise<void> {
    if (this.isOver) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** A step that a server carries out, with a turn before it and one before its result is told. */
  async step<T>(work: () => Promise<T>): Promise<T> {
    await this.take();
    const ended = work();
    this.underWay.add(ended);
    await ended.catch(() => undefined);
    this.underWay.delete(ended);
    await this.take();
    return ended;
  }

  /** Mostly the latest: so others wait for long, as what has been on its way for long. */
  private draw(): number {
    const last = this.waiting.length - 1;
    return this.random.chance(0.75) ? last : this.random.integer(0, last);
  }

  /** Gives turns until the work has ended; what belongs to nobody's work then goes on as it likes. */
  async runUntil(work: Promise<unknown>): Promise<void> {
    const end = work.finally(() => {
      this.isOver = true;
      for (const go of this.waiting.splice(0)) go();
    });
    end.catch(() => undefined);
    let movedAtMs = performance.now();
    while (!this.isOver) {
      await nextTurn();
      if (this.underWay.size > 0) {
        await Promise.allSettled(this.underWay);
      } else if (this.waiting.length > 0) {
        movedAtMs = performance.now();
        this.waiting.splice(this.draw(), 1)[0]?.();
      } else if (performance.now() - movedAtMs > STUCK_MS) {
        throw new Error('somebody waits for what does not come');
      } else await sleep(0);
    }
    await end;
  }
}

// A scheduler of races: steps wait for their turn, and a seeded choice says whose it is. It chooses only when nothing
// else goes on, so that a seed repeats the order of the steps as far as real servers let it.
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../support/random.js';

export class Turns {
  private waiting: (() => void)[] = [];
  private underWay = 0;

  constructor(private readonly random: Random) {}

  /** Resolves when it is the caller's turn. */
  take(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** A step that a server carries out, with a turn before it and one before its result is told. */
  async step<T>(work: () => Promise<T>): Promise<T> {
    await this.take();
    this.underWay++;
    const ended = work().finally(() => {
      this.underWay--;
    });
    await ended.catch(() => undefined);
    await this.take();
    return ended;
  }

  /** Mostly the latest: so others wait for long, as what has been on its way for long. */
  private draw(): number {
    const last = this.waiting.length - 1;
    return this.random.chance(0.75) ? last : this.random.integer(0, last);
  }

  /** Gives turns until the work has ended. */
  async runUntil(work: Promise<unknown>): Promise<void> {
    let isOver = false;
    const end = work.finally(() => {
      isOver = true;
    });
    end.catch(() => undefined);
    while (!isOver) {
      await nextTurn();
      if (this.underWay > 0) continue;
      if (this.waiting.length === 0) await sleep(0);
      else this.waiting.splice(this.draw(), 1)[0]?.();
    }
    await end;
  }
}

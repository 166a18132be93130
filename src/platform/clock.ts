/** Milliseconds since the epoch. Injected, so that tests can move time. */
export abstract class Clock {
  abstract nowMs(): number;
}

export class SystemClock extends Clock {
  nowMs(): number {
    return Date.now();
  }
}

/** Reads in one turn that share one look at the time. */
const READS_PER_LOOK = 16;

/**
 * Looks at the time once in a turn (until what is due now is done) and again after every 16 reads, for paths so hot that
 * asking the system is half of their cost. A turn that computes for long between two reads sees its own
 * beginning: nothing from outside can reach it in between, so for everybody else its reads happened then.
 */
export class TurnClock extends Clock {
  private lookedMs = 0;
  private left = 0;
  private isTurn = false;
  private readonly endTurn = () => {
    this.isTurn = false;
    this.left = 0;
  };

  constructor(private readonly clock: Clock) {
    super();
  }

  nowMs(): number {
    if (this.left > 0) {
      this.left--;
      return this.lookedMs;
    }
    this.lookedMs = this.clock.nowMs();
    this.left = READS_PER_LOOK - 1;
    if (!this.isTurn) process.nextTick(this.endTurn);
    this.isTurn = true;
    return this.lookedMs;
  }
}

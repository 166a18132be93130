/** Milliseconds since the epoch. Injected, so that tests can move time. */
export abstract class Clock {
  abstract nowMs(): number;
}

export class SystemClock extends Clock {
  nowMs(): number {
    return Date.now();
  }
}

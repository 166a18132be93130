import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

const POLL_MS = 200;
/** A delivery that takes longer, because somebody hangs, lets the next one begin beside it. */
const PATIENCE_MS = 100;
const MAX_IN_FLIGHT = 8;

/**
 * Claims and delivers: at once while there is something, when it is nudged, and at each poll. While a delivery is quick
 * the next one waits for it and grows meanwhile.
 */
export class RelayLane<E> {
  private running = false;
  private nudged = false;
  private failing = false;
  private loop: Promise<void> = Promise.resolve();
  private readonly inFlight = new Set<Promise<void>>();
  private wake: () => void = () => {};

  /** @param claim takes what is due */
  constructor(
    private readonly claim: () => Promise<readonly E[]>,
    private readonly deliver: (events: readonly E[]) => Promise<void>,
    private readonly logger: Logger,
  ) {}

  start(): void {
    if (this.running) return;
    this.running = true;
    this.loop = this.run();
  }

  /** Waits for the deliveries in hand. */
  async stop(): Promise<void> {
    this.running = false;
    this.wake();
    await this.loop;
    await Promise.all(this.inFlight);
  }

  nudge(): void {
    this.nudged = true;
    this.wake();
  }

  private async run(): Promise<void> {
    while (this.running) {
      this.nudged = false;
      const events = await this.orWarn(this.claim(), []);
      if (events.length > 0) await this.deliverPatiently(events);
      else if (!this.nudged && this.running) await this.pause();
    }
  }

  private async deliverPatiently(events: readonly E[]): Promise<void> {
    const delivery = this.orWarn(this.deliver(events), undefined).finally(() => this.inFlight.delete(delivery));
    this.inFlight.add(delivery);
    const patience = new AbortController();
    await Promise.race([delivery, sleep(PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => {})]);
    patience.abort();
    if (this.inFlight.size >= MAX_IN_FLIGHT) await Promise.race(this.inFlight);
  }

  private async orWarn<R>(work: Promise<R>, otherwise: R): Promise<R> {
    try {
      const result = await work;
      this.failing = false;
      return result;
    } catch (error) {
      if (!this.failing) this.logger.warn({ err: error }, 'the outbox cannot be read; trying again and again');
      this.failing = true;
      return otherwise;
    }
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, POLL_MS);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
